import type { Clock } from '../../../core/clock.js';
import type { ProviderError } from '../../provider-error.js';
import type { ResponseHeaders } from '../../transport/http-response.js';
import { parseRetryAfter } from '../../transport/parse-retry-after.js';
import { toProviderError, type UpstreamFailure } from '../../transport/upstream-failure.js';
import { readFailureBody } from './read-failure.js';
import { readWaitText } from './read-wait-text.js';

/** An answer that is a refusal. */
interface Refusal {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: string;
}

/** The error that a refusal stands for, with the wait it asks for. */
export function readRefusal(
  { status, headers, body }: Refusal,
  clock: Clock,
  credential: string | null,
): ProviderError {
  const failure = readFailureBody(status, body);
  const retryAfterMs = parseRetryAfter(headers, clock) ?? waitOf(failure);
  return toProviderError({ ...failure, retryAfterMs }, credential);
}

// Azure and OpenAI name the wait in the text when they leave the header out.
function waitOf({ kind, message }: UpstreamFailure): number | undefined {
  return kind === 'rate-limited' && message !== undefined ? readWaitText(message) : undefined;
}
