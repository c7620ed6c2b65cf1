import { describe, expect, it } from '@jest/globals';
import { tokenUsage } from '../../../src/core/chat/token-usage.js';
import { readWireAnswer, STREAMED } from '../../support/read-wire-answer.js';
import { BROKEN, lastAsked, PIECES, REFUSED, say, WHOLE, worldOf } from '../../support/wire-scripts.js';
import { type Break, INSTRUCTION, type WireReply } from '../../support/wire-world.js';

const USER = { role: 'user', text: 'Tell me.' };

describe('who goes on', () => {
  it('is asked by the beginning of its own answer, without the white space at its end', async () => {
    const broken: WireReply = { reply: { pieces: ['One ', 'two'] }, break: { frames: 2, how: 'reset' } };
    const world = worldOf(['openai', 'a', broken], ['anthropic', 'prefilled', say(' two')]);
    const { text, ways } = await readWireAnswer(world);
    expect([text, ways]).toEqual(['One two', ['prefill']]);
    expect(lastAsked(world, 1)).toEqual([USER, { role: 'assistant', text: 'One' }]);
  });

  it('is asked otherwise where the beginning is refused, and the client never sees the refusal', async () => {
    const replies = [REFUSED, say('Something else.'), say(' three four')];
    const world = worldOf(['openai', 'a', BROKEN], ['anthropic', 'prefilled', ...replies]);
    const { text, ways, error, isDone, call } = await readWireAnswer(world);
    expect([text, ways, error, isDone]).toEqual([WHOLE, ['instruction'], null, true]);
    expect(call.attempts.map(({ outcome, errorKind }) => [outcome, errorKind])).toEqual([
      ['failed', 'interrupted'],
      ['failed', 'invalid-request'],
      ['aborted', 'aborted'],
      ['succeeded', null],
    ]);
    expect(lastAsked(world, 1)).toEqual([
      USER,
      { role: 'assistant', text: 'One two' },
      { role: 'user', text: INSTRUCTION },
    ]);
    expect(call.attempts.map(({ deliveredCharacters }) => deliveredCharacters > 0)).toEqual([true, false, true, true]);
  });

  it('may be a third one, when the second refuses all of it', async () => {
    const world = worldOf(['openai', 'a', BROKEN], ['gemini', 'b', REFUSED], ['openai-compatible', 'c', say(WHOLE)]);
    const { text, ways } = await readWireAnswer(world);
    expect([text, ways]).toEqual([WHOLE, ['restart']]);
  });

  it('is the same target where there is no other', async () => {
    const { text, ways, call } = await readWireAnswer(worldOf(['openai', 'a', BROKEN, say(WHOLE)]));
    expect([text, ways]).toEqual([WHOLE, ['restart']]);
    expect(call.answeredBy).toEqual({ provider: 'p0', model: 'a' });
  });

  it('is tried again as ever before it has said anything new', async () => {
    const cut: WireReply = { ...BROKEN, break: { frames: 2, how: 'reset' } };
    const replies: WireReply[] = [{ status: 500, message: 'no' }, cut];
    const world = worldOf(['openai', 'a', BROKEN, say(WHOLE)], ['openai', 'b', ...replies]);
    const { text, call } = await readWireAnswer(world);
    expect(text).toBe(WHOLE);
    expect(call.attempts.map(({ provider }) => provider)).toEqual(['p0', 'p1', 'p1', 'p0']);
  });

  it('may break as well, three times in all', async () => {
    const cut = (frames: number): Break => ({ frames, how: 'reset' });
    const pieces = PIECES;
    const replies = [4, 5, 5].map((frames): WireReply => ({ reply: { pieces }, break: cut(frames) }));
    const { text, ways, error } = await readWireAnswer(
      worldOf(['openai', 'a', { reply: { pieces }, break: cut(2) }, ...replies, say(WHOLE)]),
    );
    expect([text, error, ways]).toEqual([WHOLE, null, ['restart', 'restart', 'restart']]);
  });

  it('is nobody after the third time', async () => {
    const cuts = [2, 3, 4, 5].map((frames): WireReply => ({ ...BROKEN, break: { frames, how: 'reset' } }));
    const { text, error, ways } = await readWireAnswer(worldOf(['openai', 'a', ...cuts, say(WHOLE)]));
    expect([text, ways]).toEqual([WHOLE, ['restart', 'restart', 'restart', 'none']]);
    expect(error).toMatchObject({ code: 'upstream_stream_interrupted' });
  });

  it('gets what is left of the output limit, or all of it to begin anew', async () => {
    const limited = { ...STREAMED, max_completion_tokens: 20 };
    const world = worldOf(
      ['openai', 'a', BROKEN],
      ['anthropic', 'prefilled', REFUSED, say('Else.'), say(' three four')],
    );
    await readWireAnswer(world, limited);
    expect(world.providers[1]?.asked.map(({ limit }) => limit)).toEqual([18, 20, 18]);
    const small = worldOf(['openai', 'a', BROKEN], ['openai-compatible', 'prefilled', say(' three')]);
    await readWireAnswer(small, { ...STREAMED, max_tokens: 1 });
    expect(small.providers[1]?.asked.map(({ body }) => [body.max_tokens, body.max_completion_tokens])).toEqual([
      [1, undefined],
    ]);
  });

  it('gives a filtered end as it is', async () => {
    const filtered: WireReply = { reply: { text: ' three', finishReason: 'content-filter' } };
    const { chunks } = await readWireAnswer(worldOf(['openai', 'a', BROKEN], ['openai', 'prefilled', filtered]));
    expect(chunks.flatMap(({ choices }) => choices).at(-1)?.finish_reason).toBe('content_filter');
  });

  it('may have nothing left to say', async () => {
    const all: WireReply = { reply: { pieces: PIECES }, break: { frames: 5, how: 'reset' } };
    const { text, isDone, ways } = await readWireAnswer(
      worldOf(['openai', 'a', all], ['anthropic', 'prefilled', say('')]),
    );
    expect([text, isDone, ways]).toEqual([WHOLE, true, ['prefill']]);
  });
});

describe('the stream that was continued', () => {
  it('carries nothing of the second answer but its words', async () => {
    const world = worldOf(['openai', 'a', BROKEN], ['openai', 'b', say(WHOLE)]);
    const { chunks } = await readWireAnswer(world);
    const fingerprints = chunks.map((chunk) => 'system_fingerprint' in chunk);
    expect(fingerprints).toEqual([true, true, true, false, false, false, false]);
    expect(JSON.stringify(chunks)).not.toContain('"b"');
  });

  it('ends with the sum of what all attempts were billed', async () => {
    const world = worldOf(
      ['openai', 'a', BROKEN],
      ['openai', 'b', { reply: { text: WHOLE, usage: { input: 7, output: 5 } } }],
    );
    const { chunks } = await readWireAnswer(world, STREAMED, (call) => {
      call.books = {
        usageOf: (isCounted) => {
          const counted = call.attempts.filter((_attempt, index) => isCounted(index)).length;
          return tokenUsage({ input: 100, output: counted, estimated: true });
        },
      };
    });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 2 } });
  });

  it('gives everything back', async () => {
    const world = worldOf(
      ['openai', 'a', BROKEN],
      ['anthropic', 'prefilled', REFUSED, say('Else.'), say(' three four')],
    );
    const { call } = await readWireAnswer(world);
    expect(world.clock.pendingTimers).toBe(0);
    expect(call.attempts.every(({ outcome }) => outcome !== null)).toBe(true);
  });
});
