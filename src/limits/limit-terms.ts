import type { Principal, RequestLimits } from '../core/principal.js';

export type LimitKind = 'requests' | 'tokens' | 'concurrency';
export type LimitOwner = 'key' | 'project';

/** One limit of a principal. */
export interface LimitTerms {
  /** Names it for all replicas. */
  readonly meter: string;
  readonly owner: LimitOwner;
  readonly kind: LimitKind;
  readonly limit: number;
}

/** The limits of a principal, one by one: those of its key and of its project; empty when nothing is limited. */
export function limitTermsOf({ keyId, keyLimits, projectId, projectLimits }: Principal): readonly LimitTerms[] {
  return [...toTerms('key', keyId, keyLimits), ...toTerms('project', projectId, projectLimits)];
}

function toTerms(owner: LimitOwner, id: string, limits: RequestLimits | null): LimitTerms[] {
  if (limits === null) return [];
  const named = [
    ['requests', limits.requestsPerMinute],
    ['tokens', limits.tokensPerMinute],
    ['concurrency', limits.concurrency],
  ] as const;
  return named.flatMap(([kind, limit]) =>
    limit === null ? [] : [{ meter: `${owner}:${id}:${kind}`, owner, kind, limit }],
  );
}
