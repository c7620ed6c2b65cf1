import { inOrder, type RoutingStrategy } from './routing-strategy.js';

/**
 * `latency`: the first place goes to the one of two random targets that can be expected to answer sooner, so that the
 * fastest does not get everything at once and the others are looked at now and then; the rest follow by expectation.
 */
export function orderByLatency(random: () => number): RoutingStrategy {
  return (candidates) => {
    const ranked = candidates
      .map((candidate) => ({ candidate, cost: candidate.target.load.cost(), mark: random() }))
      .sort((left, right) => left.cost - right.cost || left.mark - right.mark);
    const available = ranked.filter(({ candidate }) => candidate.target.isAvailable());
    const first = betterOfTwo(available.length > 0 ? available : ranked, random);
    return inOrder([
      ...(first ? [first.candidate] : []),
      ...ranked.filter((entry) => entry !== first).map(({ candidate }) => candidate),
    ]);
  };
}

// In a list that is sorted, the better one is the one that stands before the other.
function betterOfTwo<T>(ranked: readonly T[], random: () => number): T | undefined {
  const one = Math.floor(random() * ranked.length);
  const other = (one + 1 + Math.floor(random() * (ranked.length - 1))) % ranked.length;
  return ranked[Math.min(one, other)];
}
