import { splitSentences } from '../../../core/text/split-sentences.js';
import { splitWords } from '../../../core/text/split-words.js';

/** A text that sentences may be quoted from; `n` is its number where it has one. */
export interface QuotableText {
  n: number | null;
  text: string;
  /** Counts as context of every sentence, at a discount. */
  title?: string;
}

export interface RankedSentence {
  n: number | null;
  text: string;
  /** Place of the text it comes from, then place in that text. */
  order: number;
  /** Share of the question's weight that the sentence and its surroundings hold, 0..1. */
  score: number;
}

const STEM_LENGTH = 5;
const MAX_SENTENCE_CHARACTERS = 700;
const MIN_SENTENCE_WORDS = 4;
// What surrounds a sentence says what it is about, but is not what is quoted.
const CONTEXT_SHARE = 0.45;
// Retrieval already put the better texts first.
const RANK_DISCOUNT = 0.2;

// Question words and the commonest words of a few languages; rarer ones are discounted by how many sentences hold them.
const STOP_WORDS = new Set(
  (
    'a an and are as at be been but by can could did do does for from had has have how i if in into is it its many me much my no not of on ' +
    'or our should so such than that the their them then there these they this to was we were what when where which who whom whose why ' +
    'will with would you your que de la el los las en un una por con del se es y o cu\u00e1l qu\u00e9 qui\u00e9n cu\u00e1ndo d\u00f3nde c\u00f3mo der die das und ist ein eine von ' +
    'zu wie was wer wo wann le les des et est une dans qui quoi quand comment pourquoi'
  ).split(' '),
);

/** Ranks the sentences of some texts by what they share with a question, best first; those that share nothing are left out. */
export function rankSentences(question: string, texts: readonly QuotableText[]): RankedSentence[] {
  const sentences = texts.flatMap((text, place) => readSentences(text, place));
  const weights = weighTerms(termsOf(question), sentences);
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return [];
  return sentences
    .map(({ terms, context, place, ...sentence }) => {
      const own = sumWeights(weights, (term) => terms.has(term)) / total;
      const around = sumWeights(weights, (term) => !terms.has(term) && context.has(term)) / total;
      const discount = 1 / (1 + RANK_DISCOUNT * place);
      return { ...sentence, score: own === 0 ? 0 : (own + CONTEXT_SHARE * around) * discount };
    })
    .filter((sentence) => sentence.score > 0)
    .sort((left, right) => right.score - left.score || left.order - right.order);
}

/** The comparable terms of a text: stop words left out, endings cut. */
export function termsOf(text: string): Set<string> {
  const terms = new Set<string>();
  for (const word of splitWords(text)) {
    if (!STOP_WORDS.has(word))
      terms.add(/^\p{L}{6,}$/u.test(word) ? word.slice(0, STEM_LENGTH) : word.replace(/(?<=..)s$/u, ''));
  }
  return terms;
}

interface Sentence extends Omit<RankedSentence, 'score'> {
  place: number;
  terms: Set<string>;
  context: Set<string>;
}

function readSentences(text: QuotableText, place: number): Sentence[] {
  const spans = splitSentences(text.text);
  const title = text.title === undefined ? new Set<string>() : termsOf(text.title);
  const terms = spans.map((span) => termsOf(text.text.slice(span.start, span.end)));
  return spans.flatMap((span, index) => {
    const quote = text.text.slice(span.start, span.end);
    if (!isQuotable(quote)) return [];
    const context = new Set([...title, ...(terms[index - 1] ?? []), ...(terms[index + 1] ?? [])]);
    return [
      {
        n: text.n,
        text: quote,
        order: place * 100_000 + index,
        place,
        terms: terms[index] ?? new Set<string>(),
        context,
      },
    ];
  });
}

function isQuotable(sentence: string): boolean {
  if (sentence.length > MAX_SENTENCE_CHARACTERS || /^#{1,6} |^\||^```/u.test(sentence)) return false;
  return splitWords(sentence).length >= MIN_SENTENCE_WORDS;
}

function weighTerms(terms: ReadonlySet<string>, sentences: readonly Sentence[]): Map<string, number> {
  const weights = new Map<string, number>();
  for (const term of terms) {
    const holders = sentences.reduce((count, sentence) => count + (sentence.terms.has(term) ? 1 : 0), 0);
    weights.set(term, Math.log(1 + (sentences.length + 1) / (holders + 0.5)));
  }
  return weights;
}

function sumWeights(weights: ReadonlyMap<string, number>, isCounted: (term: string) => boolean): number {
  let sum = 0;
  for (const [term, weight] of weights) if (isCounted(term)) sum += weight;
  return sum;
}
