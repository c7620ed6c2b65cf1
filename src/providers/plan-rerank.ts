import type { EmbeddingRequest } from '../core/embedding/embedding-request.js';
import type { RerankRequest, RerankResult } from '../core/rerank/rerank-request.js';
import { embeddingDemand } from './limits/token-demand.js';
import type { AttemptPlan } from './resilience/attempt-planner.js';
import { RoutedEmbedding } from './routing/routed-request.js';
import type { Route } from './routing/route-table.js';

/** A search can be answered without being judged anew: it does not wait as long as an answer may take. */
const TOTAL_MS = 10_000;

/** How a rerank request is sent to its targets, in the order of the model's routing. */
export function planRerank(
  { candidates, strategy, timeouts }: Route,
  request: RerankRequest,
): AttemptPlan<RerankResult> {
  const { model, query, documents } = request;
  // The same to limits and to routing: texts go in, and numbers come out.
  const sized: EmbeddingRequest = { model, inputs: [query, ...documents] };
  return {
    operation: 'rerank',
    targets: strategy(candidates, new RoutedEmbedding(sized)).targets,
    totalMs: Math.min(TOTAL_MS, timeouts.plain.totalMs),
    demand: embeddingDemand(sized),
    timeoutsFor: () => timeouts.plain,
    firstContentMsOf: () => timeouts.unstreamedFirstContentMs,
    perform: async (attempt, target) => {
      const answer = target.provider.adapter.rerank?.(target.model, request, attempt);
      if (!answer) throw new Error(`The adapter of "${target.provider.config.name}" cannot rerank.`);
      const result = await attempt.race(answer);
      attempt.record.usage = result.usage;
      attempt.commit(false);
      attempt.succeed();
      return result;
    },
  };
}
