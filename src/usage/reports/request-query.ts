import type { Operation, Surface } from '../../core/call-context.js';
import type { RequestStatus } from '../ledger/ledger-record.js';

/** Which requests of the ledger are wanted; null leaves a thing open. */
export interface RequestFilters {
  readonly projectId: string | null;
  readonly keyId: string | null;
  /** The name that the client wrote, or the provider's own of the model that answered. */
  readonly model: string | null;
  readonly provider: string | null;
  readonly status: RequestStatus | null;
  readonly tag: string | null;
  readonly errorCode: string | null;
  /** The `x-request-id`. */
  readonly requestId: string | null;
  readonly surface: Surface | null;
  readonly operation: Operation | null;
  readonly from: Date | null;
  /** Not part of it. */
  readonly to: Date | null;
  /** USD, as a decimal; what has no known price costs less than anything. */
  readonly minCostUsd: string | null;
  readonly minDurationMs: number | null;
}

/** The conditions of the filters on `usage_request`, joined by `and`; `bind` gives a value's place in the statement. */
export function toConditions(filters: RequestFilters, bind: (value: unknown) => string): string[] {
  const { model } = filters;
  const simple: [string, unknown][] = [
    ['project_id = ?', filters.projectId],
    ['key_id = ?', filters.keyId],
    ['surface = ?', filters.surface],
    ['operation = ?', filters.operation],
    ['provider = ?', filters.provider],
    ['status = ?', filters.status],
    // The index knows only requests with tags.
    [`tags <> '{}' and tags @> array[?]::text[]`, filters.tag],
    ['error_code = ?', filters.errorCode],
    ['started_at >= ?::timestamptz', filters.from],
    ['started_at < ?::timestamptz', filters.to],
    ['cost_usd >= ?::numeric', filters.minCostUsd],
    ['duration_ms >= ?::integer', filters.minDurationMs],
    // Project by project, because that is how request ids are indexed.
    [
      `id = any(array(select found.id from project p cross join lateral (
        select id from usage_request where project_id = p.id and request_id = ?) found))`,
      filters.requestId,
    ],
  ];
  const given = simple
    .filter(([, value]) => value !== null)
    .map(([text, value]) => text.replace('?', () => bind(value)));
  if (model === null) return given;
  const place = bind(model);
  return [...given, `(requested_model = ${place} or model = ${place} or provider || '/' || model = ${place})`];
}
