import type { CallContext } from '../core/call-context.js';
import type { JsonObject } from '../core/json.js';
import { mergeWarnings, renderNativeUsage, toNumber } from '../dialects/native-chat/native-answer.js';
import type { Extraction } from './extraction.service.js';

/** The answer of `POST /v1/extract`; usage and cost are of all its requests together. */
export function renderExtraction({ data, repairs }: Extraction, call: CallContext, latencyMs: number): JsonObject {
  const warnings = mergeWarnings(call.warnings, []);
  return {
    data,
    valid: true,
    repairs,
    ...(warnings.length > 0 && { warnings }),
    model: call.answeredBy?.model ?? null,
    provider: call.answeredBy?.provider ?? null,
    usage: renderNativeUsage(call.usage),
    cost_usd: toNumber(call.costUsd),
    latency_ms: latencyMs,
    request_id: call.id,
  };
}
