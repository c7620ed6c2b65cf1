import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeClock } from '../../test/support/fake-clock.js';
import { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import { AppError } from '../core/errors/app-error.js';
import { UNLIMITED } from '../core/principal.js';
import { parseResponsesRequest } from '../dialects/openai-responses/parse-responses-request.js';
import { withEarlierItems } from '../dialects/openai-responses/with-earlier-items.js';
import type { ResponseAnswers } from './response-answers.service.js';
import { ResponseKeeper } from './response-keeper.service.js';
import { ResponsesService } from './responses.service.js';
import type { ResponseStore } from './store/response-store.js';
import type { NewResponse } from './store/stored-response.js';
import type { ToldResponse } from './told-response.js';

Logger.overrideLogger(false);

const PRINCIPAL = { keyId: 'key_1', projectId: 'proj_1', scopes: ['chat'], ...UNLIMITED } as const;
const EVENTS: ChatEvent[] = [
  { type: 'response-start', id: 'x', model: 'm' },
  { type: 'text-delta', choice: 0, text: 'Hi' },
  { type: 'finish', choice: 0, finishReason: 'stop' },
];

describe('ResponsesService', () => {
  let clock: FakeClock;
  let call: CallContext;
  let stored: NewResponse[];
  let failures: number;
  let answer: () => Promise<AsyncIterable<ChatEvent>>;
  let service: ResponsesService;
  let keeper: ResponseKeeper;

  beforeEach(() => {
    clock = new FakeClock();
    call = new CallContext({ id: 'req_1', surface: 'openai', receivedAt: 0, principal: PRINCIPAL });
    stored = [];
    failures = 0;
    answer = () => Promise.resolve(from(EVENTS));
    const insert = (response: NewResponse): Promise<void> => {
      failures -= 1;
      if (failures >= 0) return Promise.reject(new Error('away'));
      stored.push(response);
      return Promise.resolve();
    };
    keeper = new ResponseKeeper({ insert } as unknown as ResponseStore, clock);
    service = new ResponsesService({ answer: () => answer() } as unknown as ResponseAnswers, keeper, clock);
  });

  function told(body: object = {}): ToldResponse {
    const request = parseResponsesRequest({ model: 'm', input: 'Hi', ...body });
    return { request, chat: withEarlierItems(request, []), input: request.input };
  }

  it('answers whole when all is stored, and stores nothing of what is not to be', async () => {
    expect(await service.answer(told(), call)).toMatchObject({ status: 'completed' });
    expect(stored).toMatchObject([{ status: 'completed', projectId: 'proj_1', previousId: null }]);
    await service.answer(told({ store: false }), call);
    expect(stored).toHaveLength(1);
  });

  it('answers while the database is away, with a warning, and stores it later', async () => {
    failures = 2;
    expect(await service.answer(told(), call)).toMatchObject({ status: 'completed' });
    expect([stored.length, call.warnings.length]).toEqual([0, 1]);
    await clock.advance(500);
    expect(stored).toHaveLength(0);
    await clock.advance(1_000);
    expect(stored).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('has a bound for what waits for the database, and tries it once more before it stops', async () => {
    failures = 4;
    const long = { input: 'x'.repeat(30 * 1024 * 1024) };
    for (let count = 0; count < 3; count += 1) await service.answer(told(long), call);
    expect(clock.pendingTimers).toBe(2);
    await keeper.beforeApplicationShutdown();
    expect([stored.length, failures, clock.pendingTimers]).toEqual([1, -1, 0]);
  });

  it('rejects what fails before the head of the stream, and stores nothing of it', async () => {
    answer = () => Promise.reject(new AppError('upstream_timeout', 'Too late.'));
    const { frames } = service.stream(told({ stream: true }), call, () => false);
    await expect(frames).rejects.toMatchObject({ code: 'upstream_timeout' });
    expect(stored).toEqual([]);
  });

  it('tells of what fails after the head as the events of a response', async () => {
    answer = () => Promise.reject(new AppError('upstream_timeout', 'Too late.'));
    const { frames, renderFailure } = service.stream(told({ stream: true }), call, () => true);
    const seen: (string | undefined)[] = [];
    let error: unknown;
    try {
      for await (const { event } of await frames) seen.push(event);
    } catch (thrown) {
      error = thrown;
    }
    expect(seen).toEqual(['response.created', 'response.in_progress']);
    const last = renderFailure(error as AppError);
    expect(last.event).toBe('response.failed');
    expect(JSON.parse(last.data)).toMatchObject({
      sequence_number: 2,
      response: { status: 'failed', error: { code: 'server_error', message: 'upstream_timeout: Too late.' } },
    });
    expect(stored).toMatchObject([{ status: 'failed' }]);
  });
});

function from(events: readonly ChatEvent[]): AsyncIterable<ChatEvent> {
  const iterator = events[Symbol.iterator]();
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(iterator.next()) }) };
}
