import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { UNLIMITED } from '../../core/principal.js';
import { parseResponsesRequest } from '../../dialects/openai-responses/parse-responses-request.js';
import { withEarlierItems } from '../../dialects/openai-responses/with-earlier-items.js';
import type { ResponseAnswers } from '../response-answers.service.js';
import type { ResponseRequests } from '../response-requests.service.js';
import type { BackgroundStore } from './background-store.js';
import type { LoggedEvent } from './event-log.js';
import { ResponseAttempts } from './response-attempts.service.js';

type Job = Parameters<ResponseAttempts['make']>[0];

const PRINCIPAL = { keyId: 'key_1', projectId: 'proj_1', scopes: ['chat'], ...UNLIMITED } as const;
const REQUEST = { model: 'm', input: 'Hi', background: true, stream: true };
const EVENTS: ChatEvent[] = [
  { type: 'response-start', id: 'x', model: 'm' },
  { type: 'text-delta', choice: 0, text: 'Hi' },
  { type: 'finish', choice: 0, finishReason: 'stop' },
];

describe(ResponseAttempts.name, () => {
  let clock: FakeClock;
  let abort: AbortController;
  let ends: { status: string; events: readonly LoggedEvent[] }[];
  let failures: number;
  let asked: number;
  let isReturned: boolean;
  let events: readonly ChatEvent[];
  let attempts: ResponseAttempts;

  beforeEach(() => {
    clock = new FakeClock();
    abort = new AbortController();
    ends = [];
    failures = 0;
    asked = 0;
    isReturned = false;
    events = EVENTS;
    const store = {
      append: () => Promise.resolve(),
      end: (_job: unknown, _id: string, { status }: { status: string }, events: readonly LoggedEvent[]) => {
        failures -= 1;
        if (failures >= 0) return Promise.reject(new Error('away'));
        ends.push({ status, events });
        return Promise.resolve(true);
      },
    };
    const request = parseResponsesRequest(REQUEST);
    const told = { request, chat: withEarlierItems(request, []), input: request.input };
    const answer = (): Promise<AsyncIterable<ChatEvent>> => {
      asked += 1;
      const iterator = events[Symbol.iterator]();
      const next = (): Promise<IteratorResult<ChatEvent, undefined>> => Promise.resolve(iterator.next());
      const stop = (): Promise<IteratorResult<ChatEvent, undefined>> => {
        isReturned = true;
        return Promise.resolve({ done: true, value: undefined });
      };
      return Promise.resolve({ [Symbol.asyncIterator]: () => ({ next, return: stop }) });
    };
    attempts = new ResponseAttempts(
      store as unknown as BackgroundStore,
      { read: () => Promise.resolve(told) } as unknown as ResponseRequests,
      { answer } as unknown as ResponseAnswers,
      clock,
    );
  });

  function make(): ReturnType<ResponseAttempts['make']> {
    const job = { id: 'job_1', projectId: 'proj_1', signal: abort.signal, isLastAttempt: false } as unknown as Job;
    const begun = { id: 'resp_1', createdAt: 0, isStreamed: true, wasToldOf: false, request: REQUEST };
    return attempts.make(
      job,
      begun,
      new CallContext({ id: 'req_1', surface: 'job', receivedAt: 0, principal: PRINCIPAL }),
    );
  }

  it('stores an answer that is paid for as soon as the database is back, with all of its events', async () => {
    failures = 3;
    const made = make();
    await clock.advance(1_000 + 2_000 + 3_000);
    expect(await made).toBe('completed');
    expect(ends.map(({ status }) => status)).toEqual(['completed']);
    expect(ends[0]?.events.at(-1)?.name).toBe('response.completed');
    expect(ends[0]?.events.map(({ sequence }) => sequence)).toEqual(ends[0]?.events.map((_, place) => place));
    expect(asked).toBe(1);
  });

  it('leaves it to the next attempt when it stays away, or the process stops', async () => {
    failures = Infinity;
    const refused = expect(make()).rejects.toThrow('away');
    await clock.advance(60_000);
    await refused;
    const stopped = expect(make()).rejects.toThrow('stop');
    await clock.advance(500);
    abort.abort(new Error('stop'));
    await stopped;
    expect([ends.length, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('lets go of a provider whose answer cannot be understood before its end is stored', async () => {
    const odd = Object.defineProperty({}, 'type', {
      get: () => {
        throw new Error('What is this?');
      },
    });
    events = [...EVENTS.slice(0, 2), odd as ChatEvent];
    failures = Infinity;
    const refused = expect(make()).rejects.toThrow('away');
    await clock.advance(500);
    expect(isReturned).toBe(true);
    await clock.advance(60_000);
    await refused;
  });
});
