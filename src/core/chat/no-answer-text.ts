/** What is said when the documents hold no answer; a model is told to say just this. */
export const NO_ANSWER_TEXT = 'The documents do not contain an answer to this question.';

const MARKERS = /\[\d{1,3}\]/gu;
const FRAME = /^[\s"'\u201c\u201d\u300c\u00ab*_>]+|[\s"'\u201c\u201d\u300d\u00bb*_.!\u3002\uff01\u0964]+$/gu;
// Quotation marks, white space and markers that a model may put around the sentence.
const MAX_FRAME = 60;

/** Tells whether an answer says that there is none: one of the sentences alone, however it was quoted, marked or ended. */
export function saysNoAnswer(answer: string, sentences: readonly string[] = [NO_ANSWER_TEXT]): boolean {
  return sentences.some(
    (sentence) => answer.length <= sentence.length + MAX_FRAME && toBareWords(answer) === toBareWords(sentence),
  );
}

/** Tells whether the beginning of an answer may still become one that says that there is none. */
export function maySayNoAnswer(beginning: string, sentences: readonly string[]): boolean {
  const bare = toBareWords(beginning);
  return sentences.some(
    (sentence) => beginning.length <= sentence.length + MAX_FRAME && toBareWords(sentence).startsWith(bare),
  );
}

function toBareWords(text: string): string {
  return text.replace(MARKERS, '').replace(FRAME, '').replace(/\s+/gu, ' ').toLowerCase();
}
