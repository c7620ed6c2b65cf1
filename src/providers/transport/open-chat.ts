import type { CancelSignal } from '../../core/cancellation.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { parseExactJson } from '../../core/exact-json.js';
import type { JsonObject } from '../../core/json.js';
import type { AttemptContext } from '../provider-adapter.js';
import { ProviderError } from '../provider-error.js';
import type { ChatProtocol } from './chat-protocol.js';
import { type HttpResponse, mediaTypeOf } from './http-response.js';
import type { HttpTransport } from './http-transport.js';
import { SseReader } from './sse-reader.js';
import { StreamBatches } from './stream-batches.js';

export interface ChatExchange {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: JsonObject;
  /** The wire mode that the body asks for. */
  isStream: boolean;
  protocol: ChatProtocol;
  attempt: AttemptContext;
  /** Fires when the consumer of the events has left. */
  closed: CancelSignal;
}

/** Sends one chat request and resolves, once it is accepted, to its events in batches. Throws only ProviderError. */
export async function openChat(
  transport: HttpTransport,
  exchange: ChatExchange,
): Promise<AsyncIterator<ChatEvent[], undefined>> {
  const { attempt, protocol, isStream } = exchange;
  const { connectMs, responseHeadMs, bodyMs } = attempt.timeouts;
  const response = await transport.request({
    method: 'POST',
    url: exchange.url,
    headers: {
      ...exchange.headers,
      'content-type': 'application/json',
      accept: isStream ? 'text/event-stream' : 'application/json',
      // Small pieces gain nothing from compression, and some servers hold them back to compress them.
      'accept-encoding': isStream ? 'identity' : 'gzip, deflate, br',
    },
    body: JSON.stringify(exchange.body),
    signals: [attempt.signal, exchange.closed],
    connectMs,
    headMs: isStream ? undefined : responseHeadMs,
    progress: attempt.progress,
  });
  // An ordinary success is not waited for.
  if (response.status >= 204) await assertAccepted(transport, response, bodyMs, protocol);
  const mediaType = mediaTypeOf(response.headers);
  if (isStream && (mediaType === 'text/event-stream' || mediaType === null)) {
    return new StreamBatches(new SseReader(response.body, transport.limits), protocol.createStreamReader());
  }
  // A server that cannot stream may answer a streamed request with the whole reply: the events are the same.
  return oneBatch(protocol.readReply(await readJson(transport, response, bodyMs, parseExactJson)));
}

function oneBatch(events: ChatEvent[]): AsyncIterator<ChatEvent[], undefined> {
  let isRead = false;
  return {
    next: () => {
      if (isRead) return Promise.resolve({ done: true, value: undefined });
      isRead = true;
      return Promise.resolve({ done: false, value: events });
    },
  };
}

/** Throws what a refusal says; anything but a 2xx with a body is one. */
export async function assertAccepted(
  transport: HttpTransport,
  response: HttpResponse,
  timeoutMs: number,
  protocol: Pick<ChatProtocol, 'readFailure'>,
): Promise<void> {
  const { status, headers } = response;
  if (status >= 400) {
    const body = await transport.readFailure(response, timeoutMs);
    throw protocol.readFailure(status, headers, body);
  }
  if (status === 204 || status === 205) {
    response.body.release();
    throw new ProviderError('malformed', 'The provider answered without a body.', { status });
  }
}

/** The JSON of an answer; `malformed` when it calls itself something else or cannot be parsed. */
export async function readJson(
  transport: HttpTransport,
  response: HttpResponse,
  timeoutMs: number,
  parse: (text: string) => unknown = JSON.parse,
): Promise<unknown> {
  const mediaType = mediaTypeOf(response.headers);
  if (mediaType !== null && !mediaType.includes('json')) {
    const error = new ProviderError('malformed', 'The provider answered with something that is not JSON.');
    response.body.destroy(error);
    throw error;
  }
  const text = await transport.readAnswer(response, timeoutMs);
  try {
    return parse(text);
  } catch (error) {
    throw new ProviderError('malformed', 'The provider answered with JSON that cannot be parsed.', { cause: error });
  }
}
