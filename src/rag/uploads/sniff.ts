const ESCAPE = 0x1b;
const ZIP_END = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const ZIP_END_BYTES = 22;
const COMMENT_LENGTH_AT = 20;

/** Whether bytes hold no control characters but those of layout: then they are text, whatever they begin with. */
export function isPlain(bytes: Buffer): boolean {
  return bytes.every((byte) => !isControl(byte));
}

/**
 * Whether bytes can be text in some encoding: marked as such, in pairs of which one is zero (UTF-16), or with hardly any
 * control characters. Some zeros are borne: they are removed when the text is read.
 */
export function looksLikeText(bytes: Buffer): boolean {
  if (bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0))) return true;
  const zeros: [number, number] = [0, 0];
  let others = 0;
  for (const [index, byte] of bytes.entries()) {
    if (byte === 0) zeros[(index & 1) as 0 | 1] += 1;
    else if (isControl(byte)) others += 1;
  }
  const [even, odd] = zeros;
  if (others > Math.max(2, bytes.length / 50)) return false;
  const isUtf16 = Math.min(even, odd) * 10 <= Math.max(even, odd);
  return even + odd <= bytes.length * 0.3 || isUtf16;
}

/** Whether text begins as a page does, after blanks, comments and declarations. */
export function looksLikeHtml(head: Buffer): boolean {
  const text = head.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  return (
    /^(?:\s|<\?xml[^>]*>|<!--[^]*?-->)*<(?:!doctype\s+html|html|head|body)[\s>]/i.test(text) || /<html[\s>]/i.test(text)
  );
}

/** How many bytes of byte order mark and blanks there are before anything else. */
export function leadingBlanks(bytes: Buffer): number {
  const start = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  let index = start;
  while ([0x20, 0x09, 0x0a, 0x0d].includes(bytes[index] ?? -1)) index += 1;
  return index;
}

/** Whether the end of a file is that of an archive, which unpackers look for there. */
export function endsAsArchive(tail: Buffer): boolean {
  for (let at = tail.lastIndexOf(ZIP_END); at !== -1; at = at === 0 ? -1 : tail.lastIndexOf(ZIP_END, at - 1)) {
    const isWhole = at + ZIP_END_BYTES <= tail.length;
    if (isWhole && at + ZIP_END_BYTES + tail.readUInt16LE(at + COMMENT_LENGTH_AT) === tail.length) return true;
  }
  return false;
}

// All but tab, line ends, form feed, backspace and escape, which terminals' logs have.
function isControl(byte: number): boolean {
  return (byte < 0x20 && (byte < 0x08 || byte > 0x0d) && byte !== ESCAPE) || byte === 0x7f;
}
