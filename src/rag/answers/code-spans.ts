/** Code in an answer: within a line between runs of backticks, or between fences of backticks or tildes. */
export interface CodeSpan {
  kind: 'inline' | 'fence';
  mark: '`' | '~';
  /** Length of the run that opened it. */
  length: number;
}

// More than a fence is ever indented by, list items included.
const MAX_INDENT = 100;

/** The longest run that may be more than text. */
export const MAX_RUN = 200;

/** How many times `mark` stands at the beginning of a text, counted up to `MAX_RUN`. */
export function countRun(text: string, mark: string): number {
  let length = 0;
  while (length < MAX_RUN && text[length] === mark) length += 1;
  return length;
}

/** Whether nothing but white space (and the marks of a quotation) stands before the end of the text in its last line. */
export function isAtLineStart(text: string): boolean {
  const line = text.slice(text.lastIndexOf('\n') + 1);
  return line.length <= MAX_INDENT && /^[ \t>]*$/u.test(line);
}

/** The code that a run opens; null when the run is only text. */
export function openCode(mark: '`' | '~', length: number, isLineStart: boolean): CodeSpan | null {
  if (length >= 3 && isLineStart) return { kind: 'fence', mark, length };
  return mark === '`' ? { kind: 'inline', mark, length } : null;
}

/** Whether a run inside of code ends it. `rest` is what follows the run; null means that more text is needed to tell. */
export function closesCode(
  span: CodeSpan,
  run: { length: number; isLineStart: boolean; rest: string },
  isEnd: boolean,
): boolean | null {
  if (span.kind === 'inline') return run.length === span.length;
  if (run.length < span.length || !run.isLineStart) return false;
  // A fence with words behind it opens something, it ends nothing.
  if (/^[ \t]*\n/u.test(run.rest)) return true;
  if (/^[ \t]*$/u.test(run.rest.slice(0, MAX_INDENT))) return isEnd || run.rest.length > MAX_INDENT ? true : null;
  return false;
}
