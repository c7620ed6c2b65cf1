import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import type { ProviderErrorKind } from '../../provider-error.js';
import { kindOfStatus } from '../../transport/status-kind.js';
import type { UpstreamFailure } from '../../transport/upstream-failure.js';

/** Google's names of statuses, where they say more than the number or stand without one. */
const KINDS: Readonly<Record<string, ProviderErrorKind>> = {
  INVALID_ARGUMENT: 'invalid-request',
  OUT_OF_RANGE: 'invalid-request',
  // What is not met is a matter of the account: its country, its billing.
  FAILED_PRECONDITION: 'permission',
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'permission',
  NOT_FOUND: 'model-not-found',
  RESOURCE_EXHAUSTED: 'rate-limited',
  ABORTED: 'server-error',
  CANCELLED: 'server-error',
  INTERNAL: 'server-error',
  UNKNOWN: 'server-error',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
};

/** Reasons of `ErrorInfo` that say more than the status does. */
const REASONS: Readonly<Record<string, ProviderErrorKind>> = {
  API_KEY_INVALID: 'authentication',
  API_KEY_EXPIRED: 'authentication',
  ACCESS_TOKEN_EXPIRED: 'authentication',
  BILLING_DISABLED: 'quota-exhausted',
};

// Failures to which Google gives no status or reason of their own.
const CONTEXT_LENGTH = /\binput token count\b/i;
const SPENT = /\bcredits are depleted\b|\bspend(?:ing)? (?:cap|limit)\b/i;

/** A quota of the day comes back at midnight, whatever the provider says of the next seconds. */
const DAILY_QUOTA_WAIT_MS = 60_000;

/** What a refusal's body says; anything unreadable leaves the status. */
export function readFailureBody(status: number, body: string): UpstreamFailure {
  return { ...saidBy(errorOf(parse(body)), kindOfStatus(status)), status };
}

/** What an error inside a stream, or in the body of a 200, says. */
export function readFailureFrame(frame: JsonObject): UpstreamFailure {
  const error = errorOf(frame);
  const { code } = error;
  const hasStatus = typeof code === 'number' && code >= 400 && code < 600;
  return saidBy(error, hasStatus ? kindOfStatus(code) : 'server-error');
}

function saidBy(error: JsonObject, otherwise: ProviderErrorKind): UpstreamFailure {
  const { status, message } = error;
  const text = typeof message === 'string' ? message : undefined;
  const details = Array.isArray(error.details) ? error.details.filter(isJsonObject) : [];
  const named = lookUp(KINDS, status) ?? otherwise;
  const reason = details.map((detail) => lookUp(REASONS, detail.reason)).find((kind) => kind !== undefined);
  const kind = reason ?? kindByText(named, text ?? '');
  return { kind, message: text, param: paramOf(details), retryAfterMs: retryAfterOf(kind, details) };
}

function kindByText(kind: ProviderErrorKind, text: string): ProviderErrorKind {
  if (kind === 'invalid-request' && CONTEXT_LENGTH.test(text)) return 'context-length';
  return kind === 'rate-limited' && SPENT.test(text) ? 'quota-exhausted' : kind;
}

function retryAfterOf(kind: ProviderErrorKind, details: readonly JsonObject[]): number | undefined {
  const askedMs = details.map((detail) => durationMs(detail.retryDelay)).find((ms) => ms !== undefined);
  if (kind !== 'rate-limited' || !details.some(namesDailyQuota)) return askedMs;
  return Math.max(DAILY_QUOTA_WAIT_MS, askedMs ?? 0);
}

function namesDailyQuota({ violations }: JsonObject): boolean {
  if (!Array.isArray(violations)) return false;
  return violations.some(
    (violation) =>
      isJsonObject(violation) && typeof violation.quotaId === 'string' && violation.quotaId.includes('PerDay'),
  );
}

// A duration of Protocol Buffers: seconds with a fraction, and an `s`.
function durationMs(value: JsonValue | undefined): number | undefined {
  const match = typeof value === 'string' ? /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(value) : null;
  return match ? Math.ceil(Number(match[1]) * 1000) : undefined;
}

function paramOf(details: readonly JsonObject[]): string | undefined {
  for (const { fieldViolations } of details) {
    if (!Array.isArray(fieldViolations)) continue;
    const [first] = fieldViolations;
    if (isJsonObject(first) && typeof first.field === 'string' && first.field !== '') return first.field;
  }
  return undefined;
}

// Streams that were not asked for as events fail with an array around the error.
function errorOf(body: unknown): JsonObject {
  const whole: unknown = Array.isArray(body) ? body[0] : body;
  return isJsonObject(whole) && isJsonObject(whole.error) ? whole.error : {};
}

function lookUp(
  table: Readonly<Record<string, ProviderErrorKind>>,
  name: JsonValue | undefined,
): ProviderErrorKind | undefined {
  return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
