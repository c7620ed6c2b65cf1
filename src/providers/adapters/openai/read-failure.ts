import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import type { ProviderErrorKind } from '../../provider-error.js';
import { kindOfStatus } from '../../transport/status-kind.js';
import type { UpstreamFailure } from '../../transport/upstream-failure.js';

/** Codes and types that say more than the status does. */
const KINDS: Readonly<Record<string, ProviderErrorKind>> = {
  insufficient_quota: 'quota-exhausted',
  billing_hard_limit_reached: 'quota-exhausted',
  billing_not_active: 'quota-exhausted',
  context_length_exceeded: 'context-length',
  content_policy_violation: 'content-filter',
  content_policy: 'content-filter',
  content_filter: 'content-filter',
  ResponsibleAIPolicyViolation: 'content-filter',
  model_not_found: 'model-not-found',
  DeploymentNotFound: 'model-not-found',
  invalid_api_key: 'authentication',
  exceed_context_size_error: 'context-length',
  context_length_error: 'context-length',
};

/** Servers without a code of their own for this say it in one of these ways. */
const TOO_LONG =
  /maximum (?:context|model|prompt) length|(?:exceeds?|larger than|longer than) the (?:available |model'?s? )?(?:maximum )?context/i;
const SIZE_STATUSES = new Set([400, 413, 422]);

/** What an error frame in a stream stands for, where no status tells. */
const FRAME_KINDS: Readonly<Record<string, ProviderErrorKind>> = {
  rate_limit_exceeded: 'rate-limited',
  rate_limit_error: 'rate-limited',
  requests: 'rate-limited',
  tokens: 'rate-limited',
  overloaded: 'overloaded',
  overloaded_error: 'overloaded',
  engine_overloaded: 'overloaded',
  authentication_error: 'authentication',
  permission_error: 'permission',
  invalid_request_error: 'invalid-request',
  timeout: 'timeout',
};

/** What a refusal's body says, in any of the forms that compatible servers use. Anything unreadable leaves the status. */
export function readFailureBody(status: number, body: string): UpstreamFailure {
  const error = errorOf(parse(body));
  const said = saidBy(error);
  const kind = said.kind ?? kindOf(status, said.message);
  // A 401 is about the credential, whatever code it was given: nobody else is to read of it.
  if (status === 401 && kind !== 'quota-exhausted') return { kind: 'authentication', status };
  return { kind, status, message: said.message, param: said.param };
}

/** Whether the body of a 200 or a chunk of a stream is an error in truth. */
export function isFailure(body: JsonObject): boolean {
  return (body.error ?? null) !== null || body.object === 'error';
}

/** What an error says that stands in a single choice; null when there is none. */
export function readChoiceFailure(choice: JsonObject): UpstreamFailure | null {
  if ((choice.error ?? null) !== null) return readFailureFrame(choice);
  return choice.finish_reason === 'error' ? { kind: 'server-error' } : null;
}

/** What an error inside a stream, or in the body of a 200, says. */
export function readFailureFrame(frame: JsonObject): UpstreamFailure {
  const error = errorOf(frame);
  const said = saidBy(error);
  const { code, type } = error;
  const status = Number(code);
  const isStatus = Number.isInteger(status) && status >= 400 && status < 600;
  const byStatus = isStatus ? kindOf(status, said.message) : undefined;
  const byName = FRAME_KINDS[nameOf(code)] ?? FRAME_KINDS[nameOf(type)];
  return { kind: said.kind ?? byStatus ?? byName ?? 'server-error', message: said.message, param: said.param };
}

function saidBy(error: JsonObject): { kind?: ProviderErrorKind; message?: string; param?: string } {
  const { code, type, message, param } = error;
  return {
    kind: KINDS[nameOf(code)] ?? KINDS[nameOf(type)] ?? kindOfDetails(error),
    message: typeof message === 'string' ? message : undefined,
    param: typeof param === 'string' ? param : undefined,
  };
}

// Azure tells its content filter below the code, OpenRouter a provider's moderation below a 403.
function kindOfDetails({ innererror, metadata }: JsonObject): ProviderErrorKind | undefined {
  if (isJsonObject(metadata) && metadata.flagged_input !== undefined) return 'content-filter';
  return isJsonObject(innererror) ? KINDS[nameOf(innererror.code)] : undefined;
}

function kindOf(status: number, message: string | undefined): ProviderErrorKind {
  const isTooLong = SIZE_STATUSES.has(status) && message !== undefined && TOO_LONG.test(message);
  return isTooLong ? 'context-length' : kindOfStatus(status);
}

function errorOf(body: unknown): JsonObject {
  const whole: unknown = Array.isArray(body) ? body[0] : body;
  if (!isJsonObject(whole)) return {};
  const { error } = whole;
  if (isJsonObject(error)) return error;
  return typeof error === 'string' ? { message: error } : whole;
}

function nameOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
