import type { Operation } from '../core/call-context.js';
import { totalInputTokens, totalOutputTokens } from '../core/chat/token-usage.js';
import type { TokenColumns } from './ledger/token-columns.js';
import type { UsageAttemptEntity } from './ledger/usage-attempt.entity.js';
import type { UsageRequestEntity } from './ledger/usage-request.entity.js';

/** Tokens by what they were billed as. */
export class TokenCountsDto {
  /** All prompt tokens. */
  input_tokens!: number;

  /** Of them, read from the provider's prompt cache. */
  cached_input_tokens!: number;

  /** Of them, written to the provider's prompt cache for five minutes. */
  cache_write_5m_tokens!: number;

  /** Of them, written to the provider's prompt cache for an hour. */
  cache_write_1h_tokens!: number;

  /** All completion tokens. */
  output_tokens!: number;

  /** Of them, spent on reasoning. */
  reasoning_tokens!: number;

  /** Prompt and completion together. */
  total_tokens!: number;

  /** Images that were made. */
  images!: number;

  /** Seconds of sound that were listened to. */
  audio_input_seconds!: number;

  /** Seconds of sound that were made. */
  audio_output_seconds!: number;

  /** Characters that were read aloud. */
  characters!: number;

  /** Searches that were reranked. */
  searches!: number;

  /** Whether any of it was counted here, because the provider did not say. */
  estimated!: boolean;
}

/** One request that was sent to a provider. */
export class RecordedAttemptDto {
  /** Counts from 1. */
  n!: number;

  /** The provider's name in the configuration. */
  provider!: string;

  /** The provider's own name of the model. */
  model!: string;

  /** How it ended; `aborted` when this server ended it. */
  outcome!: string;

  /** What kind of failure it was; null for a success. */
  error_kind!: string | null;

  /** What it is billed for. */
  usage!: TokenCountsDto;

  /** USD; null when the model has no known price. */
  cost_usd!: number | null;

  /** Milliseconds from the arrival of the request to its dispatch; null for attempts from before this was kept. */
  start_offset_ms!: number | null;

  /** Milliseconds from dispatch to its first content; null when none came. */
  first_content_ms!: number | null;

  /** Milliseconds from dispatch to its end. */
  duration_ms!: number;

  /** Whether it was sent because another target was silent for unusually long. */
  is_hedge!: boolean;

  /** Whether it was to write the rest of an answer that had broken off. */
  is_continuation!: boolean;

  /** Whether it was a question on the way to the answer, such as a summary of a conversation. */
  is_aside!: boolean;
}

/** One admitted request as the ledger has it. */
export class RecordedRequestDto {
  /** The `x-request-id` of the request. */
  id!: string;

  /** The key it was made with. */
  key_id!: string;

  /** Where it came in. */
  surface!: string;

  /** What was asked for. */
  operation!: Operation;

  /**
   * How it ended; `aborted` when the client left first, `abandoned` when its process died. `open`: it has not, and its
   * numbers are estimates.
   */
  status!: 'open' | 'succeeded' | 'failed' | 'aborted' | 'abandoned';

  /** The error's code; only of a failed request. */
  error_code!: string | null;

  /** The model as the client named it. */
  requested_model!: string;

  /** Who answered, or was asked last; null when nobody was. */
  provider!: string | null;

  /** That provider's own name of the model. */
  model!: string | null;

  /** What all attempts together are billed for. */
  usage!: TokenCountsDto;

  /** USD, all attempts together; null when one of them has no known price. */
  cost_usd!: number | null;

  /** USD that the answer would have cost, of a request that shared another one's; null for all others. */
  saved_usd!: number | null;

  /** The labels of `x-trunkline-tags`. */
  tags!: string[];

  /** When it arrived (RFC 3339). */
  started_at!: string;

  /** Milliseconds until its answer was over. */
  duration_ms!: number;

  /** Milliseconds until its first content; null when none came. */
  first_content_ms!: number | null;

  /** The requests sent to providers for it, in order. */
  attempts!: RecordedAttemptDto[];
}

/** The rows of the ledger in the form of the API. */
export function toRecordedRequestDto(
  request: UsageRequestEntity,
  attempts: readonly UsageAttemptEntity[],
): RecordedRequestDto {
  return {
    id: request.requestId,
    key_id: request.keyId,
    surface: request.surface,
    operation: request.operation,
    status: request.status,
    error_code: request.errorCode,
    requested_model: request.requestedModel,
    provider: request.provider,
    model: request.model,
    usage: toTokenCountsDto(request.usage),
    cost_usd: toNumber(request.costUsd),
    saved_usd: toNumber(request.savedUsd),
    tags: request.tags,
    started_at: request.startedAt.toISOString(),
    duration_ms: request.durationMs,
    first_content_ms: request.firstContentMs,
    attempts: attempts.map(toRecordedAttemptDto),
  };
}

/** An attempt of the ledger in the form of the API. */
export function toRecordedAttemptDto(attempt: UsageAttemptEntity): RecordedAttemptDto {
  return {
    n: attempt.n,
    provider: attempt.provider,
    model: attempt.model,
    outcome: attempt.outcome,
    error_kind: attempt.errorKind,
    usage: toTokenCountsDto(attempt.usage),
    cost_usd: toNumber(attempt.costUsd),
    start_offset_ms: attempt.offsetMs,
    first_content_ms: attempt.firstContentMs,
    duration_ms: attempt.durationMs,
    is_hedge: attempt.purpose === 'hedge',
    is_continuation: attempt.purpose === 'continuation',
    is_aside: attempt.isAside,
  };
}

function toTokenCountsDto(usage: TokenColumns): TokenCountsDto {
  const inputTokens = totalInputTokens(usage);
  const outputTokens = totalOutputTokens(usage);
  return {
    input_tokens: inputTokens,
    cached_input_tokens: usage.cachedInput,
    cache_write_5m_tokens: usage.cacheWrite5m,
    cache_write_1h_tokens: usage.cacheWrite1h,
    output_tokens: outputTokens,
    reasoning_tokens: usage.reasoning,
    total_tokens: inputTokens + outputTokens,
    images: usage.images,
    audio_input_seconds: usage.audioInputSeconds,
    audio_output_seconds: usage.audioOutputSeconds,
    characters: usage.characters,
    searches: usage.searches,
    estimated: usage.estimated,
  };
}

// JSON has no decimals; sixteen digits are more than any single request costs.
function toNumber(money: string | null): number | null {
  return money === null ? null : Number(money);
}
