import type { Wording } from '../../../src/config/gateway-config.js';
import { mayShareAnswer } from '../../../src/chat/semantic-cache/guard/may-share-answer.js';
import { readQuestion } from '../../../src/chat/semantic-cache/guard/read-question.js';

/** Two questions, and whether one answer is right for both is known. */
export interface QuestionPair {
  /** What the difference between them is. */
  readonly kind: string;
  readonly left: string;
  readonly right: string;
}

/** A pair with what the cache would make of it. */
export interface MeasuredPair extends QuestionPair {
  /** Cosine of the two vectors. */
  readonly similarity: number;
  /** Whether the guards let the answer to one be given to the other. */
  readonly passes: Readonly<Record<Wording, boolean>>;
}

/** Turns texts into vectors of one length, in their order. */
export type EmbedTexts = (texts: readonly string[]) => Promise<readonly Float32Array[]>;

/** Measures pairs with an embedder. */
export async function measurePairs(pairs: readonly QuestionPair[], embed: EmbedTexts): Promise<MeasuredPair[]> {
  const vectors = await embed(pairs.flatMap(({ left, right }) => [left, right]));
  return pairs.map((pair, index) => {
    const [left, right] = [readQuestion(pair.left), readQuestion(pair.right)];
    return {
      ...pair,
      similarity: cosineOf(vectors[index * 2], vectors[index * 2 + 1]),
      passes: { same: mayShareAnswer(left, right, 'same'), free: mayShareAnswer(left, right, 'free') },
    };
  });
}

/** The share of pairs that would share an answer: at least so similar, and passed by the guards; null asks no guards. */
export function hitRate(pairs: readonly MeasuredPair[], threshold: number, wording: Wording | null): number {
  return pairs.length === 0 ? 0 : hits(pairs, threshold, wording).length / pairs.length;
}

/** The pairs that would share an answer. */
export function hits(pairs: readonly MeasuredPair[], threshold: number, wording: Wording | null): MeasuredPair[] {
  return pairs.filter(({ similarity, passes }) => similarity >= threshold && (wording === null || passes[wording]));
}

function cosineOf(left: Float32Array | undefined, right: Float32Array | undefined): number {
  if (!left || left.length !== right?.length) throw new Error('The embedder gave vectors of different lengths.');
  let [product, leftSum, rightSum] = [0, 0, 0];
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0;
    product += value * other;
    leftSum += value * value;
    rightSum += other * other;
  }
  return leftSum === 0 || rightSum === 0 ? 0 : product / Math.sqrt(leftSum * rightSum);
}
