/** The text without the byte order marks it begins with, which readers drop: offsets must not count them. */
export function stripByteOrderMarks(text: string): string {
  return text.startsWith('\ufeff') ? text.replace(/^\ufeff+/, '') : text;
}

/** The text without NUL and without halves of surrogate pairs, which no database stores. */
export function cleanText(text: string): string {
  const withoutNul = text.includes('\0') ? text.replaceAll('\0', '') : text;
  // With the flag `u` only halves match.
  return withoutNul.isWellFormed() ? withoutNul : withoutNul.replace(/[\ud800-\udfff]/gu, '');
}
