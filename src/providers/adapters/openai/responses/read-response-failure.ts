import { isJsonObject, type JsonObject, type JsonValue } from '../../../../core/json.js';
import type { ProviderErrorKind } from '../../../provider-error.js';
import type { UpstreamFailure } from '../../../transport/upstream-failure.js';
import { readFailureFrame } from '../read-failure.js';

/** Codes that only responses have. */
const KINDS: Readonly<Record<string, ProviderErrorKind>> = {
  invalid_prompt: 'content-filter',
  bio_policy: 'content-filter',
  cyber_policy: 'content-filter',
  image_content_policy_violation: 'content-filter',
  server_is_overloaded: 'overloaded',
  slow_down: 'overloaded',
};
const ABOUT_AN_IMAGE = /(?:^|_)image(?:_|$)/;

/** What the `error` of a response, or an event of the type `error`, says; either may stand in another's `error`. */
export function readResponseFailure(error: JsonValue | undefined): UpstreamFailure {
  const said = saidBy(error);
  const failure = readFailureFrame({ error: said });
  const { code } = said;
  if (typeof code !== 'string') return failure;
  const kind = KINDS[code] ?? (ABOUT_AN_IMAGE.test(code) ? 'invalid-request' : failure.kind);
  return { ...failure, kind };
}

function saidBy(error: JsonValue | undefined): JsonObject {
  if (!isJsonObject(error)) return typeof error === 'string' ? { message: error } : {};
  return isJsonObject(error.error) ? error.error : error;
}
