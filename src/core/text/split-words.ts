// Scripts that write no spaces between words.
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}\p{Script=Myanmar}]/u;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** Tells whether a text holds a script that writes no spaces between words. */
export function hasUnspacedScript(text: string): boolean {
  return UNSPACED.test(text);
}

/** The words of a text in order: compatibility-normalised, lower case, letters and digits only. */
export function splitWords(text: string): string[] {
  const normalized = text.normalize('NFKC').toLowerCase();
  const runs = normalized.match(WORD) ?? [];
  if (!UNSPACED.test(normalized)) return runs;
  return runs.flatMap((run) => (UNSPACED.test(run) ? segmentRun(run) : [run]));
}

function segmentRun(run: string): string[] {
  const words: string[] = [];
  for (let from = 0; from < run.length; from += 10_000) {
    for (const { segment, isWordLike } of segmenter.segment(run.slice(from, from + 10_000))) {
      if (isWordLike === true) words.push(segment);
    }
  }
  return words;
}
