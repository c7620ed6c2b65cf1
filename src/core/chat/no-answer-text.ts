/** What is said when the documents hold no answer; a model is told to say just this. */
export const NO_ANSWER_TEXT = 'The documents do not contain an answer to this question.';

const MARKERS = /\[\d{1,3}\]/gu;
const FRAME = /^[\s"'\u201c\u201d*_>]+|[\s"'\u201c\u201d*_.!]+$/gu;

/** Tells whether an answer says that there is none: that sentence alone, however it was quoted, marked or ended. */
export function saysNoAnswer(answer: string): boolean {
  if (answer.length > NO_ANSWER_TEXT.length * 2) return false;
  return toBareWords(answer) === toBareWords(NO_ANSWER_TEXT);
}

function toBareWords(text: string): string {
  return text.replace(MARKERS, '').replace(FRAME, '').replace(/\s+/gu, ' ').toLowerCase();
}
