import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { ChatModels } from '../../chat/chat-models.js';
import type { ChatService } from '../../chat/chat.service.js';
import type { GatewayConfig } from '../../config/gateway-config.js';
import { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { AppError, ClientGoneError } from '../../core/errors/app-error.js';
import { FollowUps, type SearchQueries } from './follow-ups.service.js';

const HISTORY = [
  { role: 'user', content: 'Where does the ferry go?' },
  { role: 'assistant', content: 'To the island.' },
] as const;
const WITHOUT_MODEL = ['And when?', 'And when?', 'Where does the ferry go?'];

class Bench {
  readonly clock = new FakeClock();
  readonly call = new CallContext({ id: 'req_1', surface: 'rag', receivedAt: 0 });
  readonly asked: string[] = [];
  returned = 0;
  answer: (request: ChatRequest) => Promise<AsyncIterable<ChatEvent>> = () => Promise.resolve(this.events('When?'));

  plan(options: { followUpModel?: string | null; history?: typeof HISTORY | [] } = {}): Promise<SearchQueries> {
    const { followUpModel = 'answering', history = HISTORY } = options;
    const chat = {
      answer: (request: ChatRequest) => {
        this.asked.push(request.model);
        this.call.answeredBy = { provider: 'lab', model: 'rewriter' };
        return this.answer(request);
      },
    };
    const models = {
      factsOf: (model: string) => {
        if (model === 'nobody') throw new AppError('model_not_found', 'No such model.');
        return { runsHere: model === 'local', takesDocuments: false, promptTokens: 1_000 };
      },
    };
    const followUps = new FollowUps(chat as unknown as ChatService, models as unknown as ChatModels, this.clock, {
      answers: { followUpModel },
    } as unknown as GatewayConfig);
    return followUps.queriesFor({ question: 'And when?', history, model: this.model }, this.call);
  }

  model = 'smart';

  events(text: string): AsyncIterable<ChatEvent> {
    const steps: ChatEvent[] = [
      { type: 'text-delta', choice: 0, text },
      { type: 'finish', choice: 0, finishReason: 'stop' },
    ];
    const next = (): Promise<IteratorResult<ChatEvent, undefined>> => {
      const value = steps.shift();
      return Promise.resolve(value ? { done: false, value } : { done: true, value: undefined });
    };
    const close = (): Promise<IteratorResult<ChatEvent, undefined>> => {
      this.returned += 1;
      return Promise.resolve({ done: true, value: undefined });
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: close }) };
  }
}

describe('FollowUps', () => {
  it('asks nobody about a question that begins a conversation', async () => {
    const bench = new Bench();
    expect(await bench.plan({ history: [] })).toEqual({ weighted: ['And when?'], shown: ['And when?'] });
    expect(bench.asked).toEqual([]);
  });

  it('searches for the question and what the model made of it, and does not call that the answer', async () => {
    const bench = new Bench();
    bench.answer = () => Promise.resolve(bench.events('When does the ferry go?'));
    expect(await bench.plan()).toEqual({
      weighted: ['When does the ferry go?', 'And when?'],
      shown: ['And when?', 'When does the ferry go?'],
    });
    expect(bench.asked).toEqual(['smart']);
    expect(bench.call.answeredBy).toBeNull();
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('searches once for a question that needed no change', async () => {
    const bench = new Bench();
    bench.answer = () => Promise.resolve(bench.events('And when?'));
    expect(await bench.plan()).toEqual({ weighted: ['And when?'], shown: ['And when?'] });
  });

  it.each([
    ['one of its own', 'fast', ['fast']],
    ['none', null, []],
    ['one that runs here', 'local', []],
    ['one that does not exist', 'nobody', []],
  ])('takes the model that is configured: %s', async (_name, followUpModel, asked) => {
    const bench = new Bench();
    const { weighted } = await bench.plan({ followUpModel });
    expect(bench.asked).toEqual(asked);
    if (asked.length === 0) expect(weighted).toEqual(WITHOUT_MODEL);
    expect(bench.call.warnings).toEqual([]);
  });

  it('goes on without a model that fails, and says so', async () => {
    const bench = new Bench();
    bench.answer = () => Promise.reject(new AppError('upstream_unreachable', 'Nobody there.'));
    expect((await bench.plan()).weighted).toEqual(WITHOUT_MODEL);
    expect(bench.call.warnings).toHaveLength(1);
  });

  it('does not wait for a model that is silent, and hangs up when it speaks after all', async () => {
    const bench = new Bench();
    let speak: (events: AsyncIterable<ChatEvent>) => void = () => undefined;
    bench.answer = () => new Promise((resolve) => (speak = resolve));
    const planning = bench.plan();
    await bench.clock.advance(10_000);
    expect((await planning).weighted).toEqual(WITHOUT_MODEL);
    speak(bench.events('Too late'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(bench.returned).toBe(1);
  });

  it('stops when the client has left', async () => {
    const bench = new Bench();
    bench.answer = () => Promise.reject(new ClientGoneError());
    await expect(bench.plan()).rejects.toBeInstanceOf(ClientGoneError);
  });
});
