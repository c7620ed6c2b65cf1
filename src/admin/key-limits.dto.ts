import { IsInt, IsOptional, Max, Min } from 'class-validator';
import type { RequestLimits } from '../core/principal.js';
import { type LimitChanges, limitsOf } from '../auth/request-limits.js';

const MOST = 1_000_000_000;

/** What may be asked for by all replicas together. A field of null ends that limit; an absent one leaves it as it is. */
export class RequestLimitsDto {
  /**
   * Requests in one clock minute.
   * @example 600
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST)
  requests_per_minute?: number | null;

  /**
   * Tokens in one clock minute, of prompts and answers together.
   * @example 200000
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST)
  tokens_per_minute?: number | null;

  /**
   * Requests under way at once.
   * @example 20
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST)
  concurrency?: number | null;
}

/** The limits that hold; null where there is none. */
export class ShownLimitsDto {
  /** Requests in one clock minute. */
  requests_per_minute!: number | null;
  /** Tokens in one clock minute, of prompts and answers together. */
  tokens_per_minute!: number | null;
  /** Requests under way at once. */
  concurrency!: number | null;
}

/** What a body says about limits: absent stays absent, null stays null. */
export function toLimitChanges(dto: RequestLimitsDto | null | undefined): LimitChanges | null | undefined {
  if (!dto) return dto;
  return {
    requestsPerMinute: dto.requests_per_minute,
    tokensPerMinute: dto.tokens_per_minute,
    concurrency: dto.concurrency,
  };
}

/** Shows limits; null when there is none at all. */
export function toShownLimits(limits: RequestLimits): ShownLimitsDto | null {
  const set = limitsOf(limits);
  return (
    set && {
      requests_per_minute: set.requestsPerMinute,
      tokens_per_minute: set.tokensPerMinute,
      concurrency: set.concurrency,
    }
  );
}
