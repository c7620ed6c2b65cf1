/** Why a document could not be read; a closed set that the owner of its job sees. */
export type DocumentParseCode =
  'document_parse_failed' | 'document_too_complex' | 'no_text_extracted' | 'invalid_encoding';

/** The document itself is the reason, so that trying again cannot help; the message is for the document's owner. */
export class DocumentParseError extends Error {
  override readonly name = 'DocumentParseError';
  readonly code: DocumentParseCode;

  constructor(code: DocumentParseCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
