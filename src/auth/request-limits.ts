import type { RequestLimits } from '../core/principal.js';

/** Limits as somebody wants them: what is absent stays, null ends a limit. */
export type LimitChanges = { readonly [Name in keyof RequestLimits]?: number | null };

/** The limits of a key or project, null when nothing is limited. */
export function limitsOf({ requestsPerMinute, tokensPerMinute, concurrency }: RequestLimits): RequestLimits | null {
  if (requestsPerMinute === null && tokensPerMinute === null && concurrency === null) return null;
  return { requestsPerMinute, tokensPerMinute, concurrency };
}

/** The limits after the changes; `changes` of null ends all of them. */
export function changeLimits(current: RequestLimits, changes: LimitChanges | null | undefined): RequestLimits {
  const kept = changes === null ? NO_LIMITS : current;
  return {
    requestsPerMinute: pick(changes?.requestsPerMinute, kept.requestsPerMinute),
    tokensPerMinute: pick(changes?.tokensPerMinute, kept.tokensPerMinute),
    concurrency: pick(changes?.concurrency, kept.concurrency),
  };
}

/** What limits nothing. */
export const NO_LIMITS: RequestLimits = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null };

function pick(wanted: number | null | undefined, current: number | null): number | null {
  return wanted === undefined ? current : wanted;
}
