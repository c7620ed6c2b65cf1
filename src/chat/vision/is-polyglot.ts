const HEAD_BYTES = 1_024;
// A comment at the end of an archive has at most 64 KB, behind a record of 22 bytes.
const ZIP_TAIL_BYTES = 65_535 + 22;
const ZIP_END = Buffer.from('PK\x05\x06', 'latin1');
const OTHER_FILES = /PK\x03\x04|%PDF-|<[!?a-z]|MZ|\x7fELF|#!|Rar!|7z\xbc\xaf|\x1f\x8b\x08/i;

/** Whether an image that ends at `end` is, to another reader, a document, an archive or a program as well. */
export function isPolyglot(bytes: Buffer, end: number): boolean {
  // Readers of PDF look for it that far.
  if (bytes.subarray(0, HEAD_BYTES).includes('%PDF-')) return true;
  if (OTHER_FILES.test(bytes.toString('latin1', end, Math.min(bytes.length, end + HEAD_BYTES)))) return true;
  return hasZipEnd(bytes);
}

function hasZipEnd(bytes: Buffer): boolean {
  for (let at = bytes.lastIndexOf(ZIP_END); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(ZIP_END, at - 1)) {
    if (at < bytes.length - ZIP_TAIL_BYTES) return false;
    // The record says how much follows it, so that random data is none.
    if (at + 22 <= bytes.length && at + 22 + bytes.readUInt16LE(at + 20) === bytes.length) return true;
  }
  return false;
}
