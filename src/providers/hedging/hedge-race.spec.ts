import { describe, expect, it } from '@jest/globals';
import {
  after,
  end,
  HEDGE,
  learnt,
  MOST_DELAY_MS,
  routeOf,
  says,
  send,
  silentThen,
  USUAL_MS,
} from '../../../test/support/hedged-world.js';
import {
  answer,
  createWorld,
  failure,
  finish,
  modelConfig,
  type ScriptStep,
  start,
} from '../../../test/support/scripted-providers.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { ClientGoneError } from '../../core/errors/app-error.js';

const A_HANGS = { a: [[start, 'hang']], b: [after(30, 'b')] } satisfies Record<string, ScriptStep[][]>;

describe('a second request', () => {
  it('goes out after the usual time, and its answer is the call\u2019s', async () => {
    const world = await learnt(A_HANGS);
    const sent = send(world);
    await world.clock.advance(USUAL_MS - 1);
    expect(routeOf(sent.call)).toBe('a:?');
    await world.clock.advance(MOST_DELAY_MS - USUAL_MS + 1);
    expect(routeOf(sent.call)).toBe('a:? b:?');
    await world.clock.advance(30);
    expect(await end(world, sent, 0)).toEqual({ text: 'b', route: 'a:aborted b:succeeded' });
    expect(sent.call).toMatchObject({ answeredBy: { provider: 'b', model: 'x' } });
    expect(sent.call.firstContentMs).toBeLessThanOrEqual(MOST_DELAY_MS + 30);
    expect(world.adapter('a').seen.at(-1)?.attempt.signal.aborted).toBe(true);
    expect(world.telemetry.of('hedgeFinished')).toEqual([{ provider: 'a', model: 'x', outcome: 'won' }]);
    expect([world.clock.pendingTimers, world.budget.inFlight, world.budget.retries]).toEqual([0, 0, 0]);
  });

  it('is cancelled when the first one answers after all', async () => {
    const world = await learnt({ a: [after(300, 'a')], b: [[start, 'hang']] });
    const sent = send(world);
    expect(await end(world, sent)).toEqual({ text: 'a', route: 'a:succeeded b:aborted' });
    expect(sent.call.answeredBy?.provider).toBe('a');
    expect(world.adapter('b').seen[0]?.attempt.signal.aborted).toBe(true);
    expect(world.telemetry.of('hedgeFinished')).toEqual([{ provider: 'a', model: 'x', outcome: 'lost' }]);
    expect([world.clock.pendingTimers, world.budget.inFlight, world.budget.retries]).toEqual([0, 0, 0]);
  });

  it.each([['ab'], ['ba']])('answers or is cancelled when both have content in one moment: %s', async (order) => {
    const world = await learnt(A_HANGS);
    const ready: Record<string, () => void> = {};
    for (const name of ['a', 'b']) {
      const adapter = world.adapter(name);
      adapter.chat = (model, request, attempt) => {
        adapter.seen.push({ model, apiKey: null, attempt });
        const gate = new Promise<void>((resolve) => (ready[name] = resolve));
        return (async function* (): AsyncGenerator<ChatEvent> {
          yield start;
          await gate;
          yield says(name);
          yield finish;
        })();
      };
    }
    const sent = send(world);
    await world.clock.advance(MOST_DELAY_MS);
    for (const name of order) ready[name]?.();
    const { text, route } = await end(world, sent, 0);
    expect(text).toBe(order[0]);
    expect(route).toBe(text === 'a' ? 'a:succeeded b:aborted' : 'a:aborted b:succeeded');
    expect(sent.call.answeredBy?.provider).toBe(text);
  });

  it.each<[string, Record<string, ScriptStep[][]>, string, string]>([
    [
      'the second one fails, and the first one answers',
      { a: [after(300, 'a')], b: [failure('server-error')] },
      'a',
      'a:succeeded b:failed',
    ],
    [
      'the second one is refused, and the first one answers',
      { a: [after(300, 'a')], b: [failure('invalid-request')] },
      'a',
      'a:succeeded b:failed',
    ],
    [
      'the first one fails, and the second one answers',
      { a: [silentThen(200, failure('server-error')[0] ?? 0)], b: [after(300, 'b')] },
      'b',
      'a:failed b:succeeded',
    ],
    [
      'both fail, the second one last, and a third target answers',
      {
        a: [silentThen(200, failure('server-error')[0] ?? 0)],
        b: [silentThen(300, failure('timeout')[0] ?? 0)],
        c: [after(10, 'c')],
      },
      'c',
      'a:failed b:failed c:succeeded',
    ],
    [
      'both fail, the first one last, and a third target answers',
      {
        a: [silentThen(600, failure('timeout')[0] ?? 0)],
        b: [failure('server-error')],
        c: [after(10, 'c')],
      },
      'c',
      'a:failed b:failed c:succeeded',
    ],
    [
      'the first one refuses the request itself',
      { a: [silentThen(200, failure('invalid-request')[0] ?? 0)], b: [[start, 'hang']] },
      'upstream_rejected_request',
      'a:failed b:aborted',
    ],
    [
      'both are silent until their timers end them',
      { a: [[start, 'hang']], b: [[start, 'hang']] },
      'upstream_timeout',
      'a:failed b:failed',
    ],
  ])('%s', async (_name, scripts, text, route) => {
    const world = await learnt(scripts);
    const sent = send(world);
    expect(await end(world, sent)).toEqual({ text, route });
    await world.clock.advance(0);
    expect([world.clock.pendingTimers, world.budget.inFlight, world.budget.retries]).toEqual([0, 0, 0]);
  });

  it('leaves no more than three requests in a call', async () => {
    const world = await learnt({
      a: [silentThen(200, failure('timeout')[0] ?? 0)],
      b: [silentThen(200, failure('timeout')[0] ?? 0)],
      c: [failure('server-error')],
      d: [answer as ScriptStep[]],
    });
    expect(await end(world, send(world))).toEqual({ text: 'upstream_error', route: 'a:failed b:failed c:failed' });
  });

  it('ends with the first one when the client leaves', async () => {
    const world = await learnt({ a: [[start, 'hang']], b: [[start, 'hang']] });
    const sent = send(world);
    await world.clock.advance(200);
    sent.call.abort(new ClientGoneError());
    expect(await end(world, sent, 0)).toEqual({ text: 'ClientGoneError', route: 'a:aborted b:aborted' });
    expect([world.clock.pendingTimers, world.budget.inFlight, world.budget.retries]).toEqual([0, 0, 0]);
  });

  it('is taken up by others when it answered and broke off, where streams are continued', async () => {
    const continuation = { instruction: 'Go on.' };
    const world = await learnt(
      { a: [[start, 'hang'], after(10, 'Hello')], b: [[start, 10, says('Hel'), ...failure('interrupted')]] },
      HEDGE,
      { models: [modelConfig('m', ['a/x', 'b/x'], { hedge: HEDGE, continuation })] },
    );
    expect(await end(world, send(world))).toEqual({ text: 'Hello', route: 'a:aborted b:failed a:succeeded' });
    expect([world.clock.pendingTimers, world.budget.inFlight, world.budget.retries]).toEqual([0, 0, 0]);
  });

  it('is sent for whole answers by the times of whole answers', async () => {
    const world = await learnt(A_HANGS);
    const sent = send(world, { stream: false });
    await world.clock.advance(5_000);
    expect(routeOf(sent.call)).toBe('a:?');
    sent.call.abort(new ClientGoneError());
    await sent.done;
  });

  it('never goes out before 20 answers have shown what is usual, nor where the model says nothing of it', async () => {
    const models = [modelConfig('m', ['a/x', 'b/x'])];
    for (const options of [{}, { models }]) {
      const world = options.models ? await learnt(A_HANGS, HEDGE, options) : createWorld({ scripts: A_HANGS });
      const sent = send(world);
      await world.clock.advance(5_000);
      expect(routeOf(sent.call)).toBe('a:?');
      sent.call.abort(new ClientGoneError());
      await sent.done;
    }
  });
});
