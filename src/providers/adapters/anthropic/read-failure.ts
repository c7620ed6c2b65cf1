import { isJsonObject, type JsonObject } from '../../../core/json.js';
import type { ProviderErrorKind } from '../../provider-error.js';
import { kindOfStatus } from '../../transport/status-kind.js';
import type { UpstreamFailure } from '../../transport/upstream-failure.js';

const KINDS: Readonly<Record<string, ProviderErrorKind>> = {
  invalid_request_error: 'invalid-request',
  request_too_large: 'invalid-request',
  authentication_error: 'authentication',
  permission_error: 'permission',
  billing_error: 'quota-exhausted',
  not_found_error: 'model-not-found',
  rate_limit_error: 'rate-limited',
  timeout_error: 'timeout',
  overloaded_error: 'overloaded',
  api_error: 'server-error',
};

const SPENT = new Set([
  'contract_spend_limit_reached',
  'enforced_spend_limit_reached',
  'linked_organization_spend_limit_reached',
  'linked_organization_billing_unavailable',
]);

// The one failure Anthropic gives no code or type of its own; these openings of its message have been the same for years.
const CONTEXT_LENGTH_OPENINGS = ['prompt is too long', 'input length and `max_tokens` exceed context limit'];

/** What a refusal's body says; anything unreadable leaves the status. */
export function readFailureBody(status: number, body: string): UpstreamFailure {
  return { ...saidBy(parse(body), kindOfStatus(status)), status };
}

/** What an `error` event in a stream, or an error in the body of a 200, says. */
export function readFailureFrame(frame: JsonObject): UpstreamFailure {
  return saidBy(frame, 'server-error');
}

function saidBy(body: unknown, otherwise: ProviderErrorKind): UpstreamFailure {
  const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
  const { type, message, details } = error;
  const text = typeof message === 'string' ? message : undefined;
  const code = isJsonObject(details) ? details.error_code : undefined;
  let kind = (typeof type === 'string' ? KINDS[type] : undefined) ?? otherwise;
  if (typeof code === 'string' && SPENT.has(code)) kind = 'quota-exhausted';
  if (kind === 'invalid-request' && CONTEXT_LENGTH_OPENINGS.some((opening) => text?.startsWith(opening) === true)) {
    kind = 'context-length';
  }
  return { kind, message: text };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
