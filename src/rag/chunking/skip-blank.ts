/** The first position from `start` on that holds a visible character. A single pass, however long the run of white space is. */
export function skipBlank(text: string, start: number): number {
  const visible = /\S/gu;
  visible.lastIndex = start;
  return visible.exec(text)?.index ?? text.length;
}
