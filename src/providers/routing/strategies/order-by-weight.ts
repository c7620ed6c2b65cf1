import type { Candidate } from '../candidate.js';
import { inOrder, type RoutingStrategy } from './routing-strategy.js';

/** `weighted`: each place is drawn among those that are left, by their shares. `random` gives numbers from 0 up to 1. */
export function orderByWeight(random: () => number): RoutingStrategy {
  return (candidates) => {
    const left = [...candidates];
    const drawn: Candidate[] = [];
    let total = left.reduce((sum, { weight }) => sum + weight, 0);
    while (left.length > 1) {
      const [candidate] = left.splice(drawIndex(left, random() * total), 1);
      if (!candidate) break;
      drawn.push(candidate);
      total -= candidate.weight;
    }
    return inOrder([...drawn, ...left]);
  };
}

function drawIndex(candidates: readonly Candidate[], mark: number): number {
  let sum = 0;
  for (const [index, { weight }] of candidates.entries()) {
    sum += weight;
    if (mark < sum) return index;
  }
  return candidates.length - 1;
}
