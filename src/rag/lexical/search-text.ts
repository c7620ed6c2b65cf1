import { hasUnspacedScript, splitWords } from '../../core/text/split-words.js';

/** A text as the text search parser gets it: `/` and `_` split, scripts without spaces cut into words. */
export function toSearchText(text: string): string {
  const split = text.normalize('NFKC').replace(/[/_\\]+/gu, ' ');
  if (!hasUnspacedScript(split)) return split;
  return splitWords(split).join(' ');
}
