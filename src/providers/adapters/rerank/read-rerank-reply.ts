import { tokenUsage } from '../../../core/chat/token-usage.js';
import { isJsonObject, type JsonObject } from '../../../core/json.js';
import type { RerankResult } from '../../../core/rerank/rerank-request.js';
import { ProviderError } from '../../provider-error.js';
import type { RerankShape } from './rerank-shape.js';

/**
 * The scores of a reply, one for each of `count` documents: those that the provider left out have 0. Throws `malformed` when
 * it judges a document twice, one that was not sent, or by something that is no number.
 */
export function readRerankReply(
  reply: unknown,
  shape: RerankShape,
  { model, count }: { model: string; count: number },
): RerankResult {
  const results = isJsonObject(reply) ? reply[shape.resultsKey] : null;
  if (!isJsonObject(reply) || !Array.isArray(results) || results.length === 0) throw malformed('holds no scores');
  const scores = new Map<number, number>();
  for (const result of results) {
    const { index, score } = readScore(isJsonObject(result) ? result : {}, count);
    if (scores.has(index)) throw malformed('numbers its scores wrongly');
    scores.set(index, score);
  }
  return {
    model: typeof reply.model === 'string' && reply.model !== '' ? reply.model : model,
    scores: Array.from({ length: count }, (_, index) => scores.get(index) ?? 0),
    usage: shape.readUsage(reply) ?? tokenUsage({ estimated: true }),
  };
}

function readScore({ index, relevance_score: score }: JsonObject, count: number): { index: number; score: number } {
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count) {
    throw malformed('numbers its scores wrongly');
  }
  if (typeof score !== 'number' || !Number.isFinite(score)) throw malformed('holds a score that is no number');
  return { index, score: Math.min(1, Math.max(0, score)) };
}

function malformed(what: string): ProviderError {
  return new ProviderError('malformed', `The provider's answer ${what}.`);
}
