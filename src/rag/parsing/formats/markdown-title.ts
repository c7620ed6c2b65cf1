// Titles stand at the beginning; a long text without one is not searched through.
const HEAD_CHARACTERS = 20_000;
const MAX_TITLE_CHARACTERS = 300;

/** The title of a Markdown text: that of its front matter, else its first heading of the first level; null without either. */
export function markdownTitle(text: string): string | null {
  const head = text.slice(0, HEAD_CHARACTERS);
  const front = /^---[ \t]*\r?\n([^]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(head)?.[1];
  const named = front === undefined ? null : /^title:[ \t]*(\S.*)$/m.exec(front)?.[1];
  const heading = /^#[ \t]+(\S.*)$/m.exec(head)?.[1];
  return toTitle((named ?? heading ?? '').replace(/^(["'])(.*)\1\s*$/, '$2').replace(/[ \t]+#+\s*$/, ''));
}

/** A title of one line and a sensible length; null when nothing is left of it. */
export function toTitle(text: string | null | undefined): string | null {
  const line = (text ?? '').replace(/\s+/g, ' ').trim();
  return line === '' ? null : line.slice(0, MAX_TITLE_CHARACTERS).toWellFormed();
}
