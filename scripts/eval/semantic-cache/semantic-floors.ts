import { hitRate, hits } from './measure-guards.js';
import type { SemanticReport } from './render-report.js';

/** The shares of paraphrases that must be found, at least, with the built-in embedder and the wording `same`. */
const FLOORS: readonly (readonly [threshold: number, hitRate: number])[] = [
  [0, 0.64],
  [0.7, 0.55],
  [0.95, 0.17],
];
/** Of those that the guards let pass, whatever the embedder, where wording is free. */
const FREE_FLOOR = 0.72;

/** What of the rates is worse than it must be, in words; empty when all is well. */
export function findShortfalls({ paraphrases, traps, heldOut }: SemanticReport): string[] {
  const wrong = (['same', 'free'] as const).flatMap((wording) =>
    hits(wording === 'same' ? [...traps, ...heldOut.traps] : traps, -Infinity, wording).map(
      ({ left, right }) => `With the wording ${wording} "${left}" and "${right}" would share an answer.`,
    ),
  );
  const judged = [
    ...FLOORS.map(([threshold, floor]) => ({ threshold, wording: 'same' as const, floor })),
    { threshold: 0, wording: 'free' as const, floor: FREE_FLOOR },
  ];
  const low = judged.flatMap(({ threshold, wording, floor }) => {
    const rate = hitRate(paraphrases, threshold, wording);
    const place = `similarity ${String(threshold)} and wording ${wording}`;
    return rate >= floor
      ? []
      : [`At ${place} ${rate.toFixed(3)} of the paraphrases are found, at least ${String(floor)} is wanted.`];
  });
  return [...wrong, ...low];
}
