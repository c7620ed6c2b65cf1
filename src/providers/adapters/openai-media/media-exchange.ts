import type { Readable } from 'node:stream';
import { isJsonObject, type JsonObject } from '../../../core/json.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import { type HttpResponse, mediaTypeOf, type ResponseHeaders } from '../../transport/http-response.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { assertAccepted } from '../../transport/open-chat.js';
import { readText, tooLarge } from '../../transport/read-text.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import { isFailure, readFailureFrame } from '../openai/read-failure.js';

/** One request of the kind, ready to be sent. */
export interface MediaExchange {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable;
  readonly contentType: string;
  readonly contentLength?: number;
  readonly accept: string;
  readonly isStream: boolean;
  readonly attempt: AttemptContext;
  readFailure(status: number, headers: ResponseHeaders, body: string): ProviderError;
}

// Ten images of the largest size, and what base64 adds.
const ANSWER_BYTES = 96 * 1024 * 1024;
const NO_ANSWER: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml']);

/** Sends the request and resolves once it is accepted, at its head. Throws only ProviderError. */
export async function sendMedia(transport: HttpTransport, exchange: MediaExchange): Promise<HttpResponse> {
  const { attempt, contentLength, isStream } = exchange;
  const { connectMs, responseHeadMs, bodyMs } = attempt.timeouts;
  const response = await transport.request({
    method: 'POST',
    url: exchange.url,
    headers: {
      ...exchange.headers,
      'content-type': exchange.contentType,
      ...(contentLength !== undefined && { 'content-length': String(contentLength) }),
      accept: exchange.accept,
      'accept-encoding': 'identity',
    },
    body: exchange.body,
    signals: [attempt.signal],
    connectMs,
    headMs: isStream ? undefined : responseHeadMs,
    progress: attempt.progress,
  });
  await assertAccepted(transport, response, bodyMs, exchange);
  const mediaType = mediaTypeOf(response.headers);
  if (mediaType === null || !NO_ANSWER.has(mediaType)) return response;
  const error = new ProviderError('malformed', 'The provider answered with a page.');
  response.body.destroy(error);
  throw error;
}

/** The whole body as text. */
export async function readWholeText(
  transport: HttpTransport,
  { body, headers }: HttpResponse,
  ms: number,
): Promise<string> {
  if (Number(headers['content-length']) > ANSWER_BYTES) throw tooLarge(body);
  return readText(body, { limitBytes: ANSWER_BYTES, timeoutMs: ms, clock: transport.clock });
}

/** The JSON object that an answer is. Throws `malformed`, and the failure that it is in truth. */
export function toJsonObject(text: string, { apiKey }: Pick<AttemptContext, 'apiKey'>): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ProviderError('malformed', 'The provider answered with JSON that cannot be parsed.', { cause: error });
  }
  if (!isJsonObject(value))
    throw new ProviderError('malformed', 'The provider answered with something that is no object.');
  if (isFailure(value)) throw toProviderError(readFailureFrame(value), apiKey);
  return value;
}
