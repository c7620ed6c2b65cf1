/** What a document's id may look like, ours or a client's. */
export const DOCUMENT_ID_PATTERN = /^[A-Za-z0-9._:-]{1,128}$/;

/** Tells whether a text can be the id of a document at all. */
export function isDocumentId(id: string): boolean {
  return DOCUMENT_ID_PATTERN.test(id);
}
