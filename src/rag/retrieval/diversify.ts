import type { Similarity } from '../store/measure-similarity.js';

/** A hit as diversifying sees it. */
export interface ScoredHit {
  readonly id: string;
  readonly score: number;
}

/**
 * The `limit` hits that are relevant and unlike each other, in the order they were chosen: each time the one with the
 * largest `lambda * relevance - (1 - lambda) * similarity to what is chosen` (Carbonell and Goldstein, 1998). Relevance is
 * the score measured against the best one. `lambda` 1 leaves the order as it is.
 */
export function diversify<Hit extends ScoredHit>(
  hits: readonly Hit[],
  options: { lambda: number; limit: number; similarity: Similarity },
): Hit[] {
  const { lambda, limit, similarity } = options;
  const best = Math.max(0, ...hits.map((hit) => hit.score));
  const left = hits.map((hit) => ({ hit, relevance: best > 0 ? hit.score / best : 0, nearest: 0 }));
  const chosen: Hit[] = [];
  while (chosen.length < limit && left.length > 0) {
    const worth = left.map(({ relevance, nearest }) => lambda * relevance - (1 - lambda) * nearest);
    const [picked] = left.splice(worth.indexOf(Math.max(...worth)), 1);
    if (!picked) break;
    chosen.push(picked.hit);
    for (const rest of left) rest.nearest = Math.max(rest.nearest, similarity(rest.hit.id, picked.hit.id));
  }
  return chosen;
}

/** The hits in their order, with at most `most` of one document. */
export function capPerDocument<Hit extends { readonly documentId: string }>(hits: readonly Hit[], most: number): Hit[] {
  const counts = new Map<string, number>();
  return hits.filter(({ documentId }) => {
    const count = (counts.get(documentId) ?? 0) + 1;
    counts.set(documentId, count);
    return count <= most;
  });
}
