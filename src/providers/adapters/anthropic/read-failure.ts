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

// Failures that Anthropic gives no code or type of their own; these openings of its messages have been the same for years.
const OPENINGS: readonly (readonly [string, ProviderErrorKind])[] = [
  ['prompt is too long', 'context-length'],
  ['input length and `max_tokens` exceed context limit', 'context-length'],
  ['your credit balance is too low', 'quota-exhausted'],
  ['you have reached your specified api usage limits', 'quota-exhausted'],
  ['output blocked by content filtering policy', 'content-filter'],
];

/** Failures that the client reads in the provider's words. */
const SHOWN = new Set<ProviderErrorKind>(['invalid-request', 'context-length', 'content-filter']);

// A message about one parameter begins with its path.
const PARAM = /^[a-z_]{2,64}(?:\.[\w-]{1,64}){0,8}(?=: )/;

/** What a refusal's body says; anything unreadable leaves the status. */
export function readFailureBody(status: number, body: string): UpstreamFailure {
  const said = saidBy(parse(body), kindOfStatus(status));
  // What is said of a credential is for nobody else to read, whatever type it was given.
  if ((status === 401 || status === 403) && SHOWN.has(said.kind)) return { kind: kindOfStatus(status), status };
  return { ...said, status };
}

/** What an `error` event in a stream, or an error in the body of a 200, says. */
export function readFailureFrame(frame: JsonObject): UpstreamFailure {
  return saidBy(frame, 'server-error');
}

function saidBy(body: unknown, otherwise: ProviderErrorKind): UpstreamFailure {
  const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
  const text = typeof error.message === 'string' ? error.message : undefined;
  const kind = kindOf(error, otherwise);
  if (text === undefined) return { kind };
  return {
    kind: (kind === 'invalid-request' ? kindOfText(text) : undefined) ?? kind,
    message: text,
    param: PARAM.exec(text)?.[0],
  };
}

function kindOf({ type, details }: JsonObject, otherwise: ProviderErrorKind): ProviderErrorKind {
  const code = isJsonObject(details) ? details.error_code : undefined;
  if (typeof code === 'string' && SPENT.has(code)) return 'quota-exhausted';
  return (typeof type === 'string' ? KINDS[type] : undefined) ?? otherwise;
}

function kindOfText(text: string): ProviderErrorKind | undefined {
  const start = text.slice(0, 100).toLowerCase();
  return OPENINGS.find(([opening]) => start.startsWith(opening))?.[1];
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
