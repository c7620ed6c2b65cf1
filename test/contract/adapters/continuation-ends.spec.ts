import { describe, expect, it } from '@jest/globals';
import { collectChat } from '../../../src/core/chat/collect-chat.js';
import { AppError, ClientGoneError } from '../../../src/core/errors/app-error.js';
import { readWireAnswer, STREAMED } from '../../support/read-wire-answer.js';
import { chatRequest, createCall, runUntilDone } from '../../support/scripted-providers.js';
import { BROKEN, PIECES, say, WHOLE, worldOf } from '../../support/wire-scripts.js';
import type { Family, WireReply, WireWorld } from '../../support/wire-world.js';

describe('nobody goes on', () => {
  const CALL = { name: 'look', arguments: { where: 'here' } };

  function expectInterrupted({ error, isDone }: { error: Error | null; isDone: boolean }): void {
    expect(error).toMatchObject({ code: 'upstream_stream_interrupted' });
    expect(isDone).toBe(false);
  }

  it.each<[string, object]>([
    ['several choices', { n: 2 }],
    ['log probabilities', { logprobs: true }],
    ['a JSON object', { response_format: { type: 'json_object' } }],
    ['a schema', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } } }],
    ['sound', { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'pcm16' } }],
  ])('with %s', async (_name, extra) => {
    const world = worldOf(['openai', 'a', BROKEN], ['openai', 'b', say(WHOLE)]);
    expectInterrupted(await readWireAnswer(world, { ...STREAMED, ...extra }));
    expect(world.providers[1]?.asked).toHaveLength(0);
  });

  it.each<Family>(['openai', 'anthropic', 'gemini'])(
    'with a tool call of %s, which is neither split nor repeated',
    async (family) => {
      const reply = { text: 'I look.', toolCalls: [CALL, { ...CALL, name: 'listen' }] };
      const dry = worldOf([family, 'a', { reply }]);
      await readWireAnswer(dry);
      for (let frames = 2; frames < (dry.providers[0]?.frameCount ?? 0); frames += 1) {
        const world = worldOf([family, 'a', { reply, break: { frames, how: 'reset' } }], ['openai', 'b', { reply }]);
        const answer = await readWireAnswer(world);
        const calls = answer.chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.tool_calls ?? []));
        const names = JSON.stringify(calls).match(/"name":"\w+"/g) ?? [];
        expect(new Set(names).size).toBe(names.length);
        if (answer.error) expectInterrupted(answer);
        else expect(names).toEqual(['"name":"look"', '"name":"listen"']);
        expect(answer.ways.includes('none')).toBe(answer.error !== null);
      }
    },
  );

  it('inside of thinking that will be signed; unsigned thinking does not matter', async () => {
    const reply = { reasoning: 'Hm, let me think.', text: WHOLE };
    const signed = worldOf(
      ['anthropic', 'a', { reply, break: { frames: 4, how: 'reset' } }],
      ['openai', 'b', say(WHOLE)],
    );
    expectInterrupted(await readWireAnswer(signed));
    expect(signed.providers[1]?.asked).toHaveLength(0);
    const after = worldOf(
      ['anthropic', 'a', { reply, break: { frames: 8, how: 'reset' } }],
      ['openai', 'b', say(WHOLE)],
    );
    expect((await readWireAnswer(after)).text).toBe(WHOLE);
    const unsigned = worldOf(
      ['openai-compatible', 'a', { reply, break: { frames: 2, how: 'reset' } }],
      ['openai-compatible', 'b', { reply }],
    );
    const { text, chunks } = await readWireAnswer(unsigned);
    expect(text).toBe(WHOLE);
    expect(JSON.stringify(chunks).match(/let me think/g)).toHaveLength(1);
  });

  it('when no budget pays for it', async () => {
    const world = worldOf(['openai', 'a', BROKEN], ['openai', 'b', say(WHOLE)]);
    let asked = 0;
    const answer = await readWireAnswer(world, STREAMED, (call) => {
      call.beforeRetry = () => {
        asked += 1;
        return Promise.reject(new AppError('insufficient_quota', 'No money.'));
      };
    });
    expectInterrupted(answer);
    expect(asked).toBe(1);
    expect(world.providers[1]?.asked).toHaveLength(0);
  });

  it('when the total time of the call is over', async () => {
    const clockless = worldOf(
      ['openai', 'a', { ...BROKEN, break: { frames: 3, how: 'stall' } }],
      ['openai', 'b', say(WHOLE)],
    );
    const answer = await readWireAnswer(clockless, STREAMED, (call) => {
      // The client's own deadline ends the call before the stall is noticed.
      Object.assign(call, { deadline: clockless.clock.monotonic() + 5_000 });
    });
    expectInterrupted(answer);
    expect(clockless.providers[1]?.asked).toHaveLength(0);
  });

  it('when everybody fails, and the client hears of the break alone', async () => {
    const down: WireReply = { status: 503, message: 'down' };
    const answer = await readWireAnswer(worldOf(['openai', 'a', BROKEN, down], ['openai', 'b', down]));
    expectInterrupted(answer);
    expect(answer.text).toBe('One two');
  });

  it('beyond the retries that a target with no other beside it may have', async () => {
    const stalled: WireReply = { ...BROKEN, break: { frames: 0, how: 'stall' } };
    const world = worldOf(['openai', 'a', ...Array.from({ length: 5 }, () => BROKEN), stalled]);
    const outcomes = Array.from({ length: 5 }, async () => {
      const events = await world.registry.chat(chatRequest(), createCall(world.clock));
      return collectChat(events).catch((error: unknown) => error as AppError);
    });
    const ended: unknown[] = [];
    for (const outcome of outcomes) void outcome.then((value) => ended.push(value));
    await world.clock.advance(0);
    expect(ended).toEqual([expect.any(AppError), expect.any(AppError)]);
    expect(world.providers[0]?.asked).toHaveLength(5 + 3);
    await runUntilDone(world.clock, Promise.all(outcomes));
  });
});

describe('a client that leaves while somebody is found', () => {
  function stalled(): WireWorld {
    return worldOf(
      ['openai', 'a', BROKEN],
      ['openai', 'b', { reply: { pieces: PIECES }, break: { frames: 0, how: 'stall' } }],
    );
  }

  it('is not waited for', async () => {
    const world = stalled();
    const call = createCall(world.clock);
    const events = (await world.registry.chat(chatRequest(), call))[Symbol.asyncIterator]();
    const rest = (async () => {
      for (let step = await events.next(); step.done !== true; step = await events.next());
    })();
    await world.clock.advance(0);
    expect(world.providers[1]?.asked).toHaveLength(1);
    call.abort(new ClientGoneError());
    expect(await runUntilDone(world.clock, rest)).toEqual({ error: expect.any(ClientGoneError) });
    expect(world.clock.pendingTimers).toBe(0);
    expect(call.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'aborted']);
  });

  it('and a reader that stops leave nothing open', async () => {
    const world = stalled();
    const call = createCall(world.clock);
    const events = (await world.registry.chat(chatRequest(), call))[Symbol.asyncIterator]();
    for (let read = 0; read < 3; read += 1) await events.next();
    const last = events.next();
    await world.clock.advance(0);
    await events.return?.();
    expect(await runUntilDone(world.clock, last)).toEqual({ value: { done: true, value: undefined } });
    expect(world.clock.pendingTimers).toBe(0);
    expect(call.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'aborted']);
  });
});
