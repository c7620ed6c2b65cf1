import type { Attributes } from '@opentelemetry/api';
import type { Attempt } from '../core/attempt.js';
import { totalInputTokens, totalOutputTokens } from '../core/chat/token-usage.js';
import type { AttemptStart, SpanAttributes } from '../core/telemetry/call-trace.js';
import { toAttributes } from './span-facts.js';

/** The well-known values of `gen_ai.provider.name`, by the types of the models file; other types go by their own name. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  'azure-openai': 'azure.ai.openai',
  gemini: 'gcp.gemini',
  vertex: 'gcp.vertex_ai',
  local: 'trunkline.local',
};
const MS_PER_SECOND = 1_000;

/** `{operation} {model}`, as the GenAI conventions have it. */
export function attemptName({ operation, attempt }: AttemptStart): string {
  return `${operation} ${attempt.model}`;
}

/** What is known of an attempt when it begins. */
export function attemptAttributes(start: AttemptStart): Attributes {
  const { operation, attempt, providerType } = start;
  return toAttributes({
    ...start.request,
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': nameOf(providerType, attempt.provider),
    'gen_ai.request.model': attempt.model,
    'trunkline.provider': attempt.provider,
    'trunkline.attempt.id': attempt.id,
    'trunkline.attempt.number': start.number,
  });
}

// Servers that only speak OpenAI's protocol are somebody else; the operator's name for them says who.
function nameOf(providerType: string, configuredName: string): string {
  if (providerType === 'openai-compatible') return configuredName;
  return PROVIDER_NAMES[providerType] ?? providerType;
}

/** What is known of it when it is settled; `status` is that of a refusal. */
export function outcomeAttributes(start: AttemptStart, attempt: Attempt, status: number | undefined): SpanAttributes {
  const isStream = start.request['gen_ai.request.stream'] === true;
  const { firstContentMs, errorKind } = attempt;
  return {
    ...usageAttributes(attempt),
    'trunkline.attempt.reason': attempt.purpose ?? start.reason,
    'trunkline.attempt.outcome': attempt.outcome,
    'trunkline.attempt.sent': attempt.wasSent,
    'trunkline.attempt.has_gaps': attempt.hasGaps,
    'error.type': errorKind,
    'http.response.status_code': status,
    'gen_ai.response.time_to_first_chunk': isStream && firstContentMs !== null ? firstContentMs / MS_PER_SECOND : null,
  };
}

// Totals hold every class, as the conventions want it; the parts come beside them.
function usageAttributes({ usage }: Attempt): SpanAttributes {
  if (!usage) return {};
  const written = usage.cacheWrite5m + usage.cacheWrite1h;
  return {
    'gen_ai.usage.input_tokens': totalInputTokens(usage),
    'gen_ai.usage.output_tokens': totalOutputTokens(usage),
    'gen_ai.usage.cache_read.input_tokens': positive(usage.cachedInput),
    'gen_ai.usage.cache_creation.input_tokens': positive(written),
    'gen_ai.usage.reasoning.output_tokens': positive(usage.reasoning),
    'trunkline.usage.estimated': usage.estimated,
  };
}

function positive(count: number): number | null {
  return count > 0 ? count : null;
}
