import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChatEvent } from '../../../src/core/chat/chat-event.js';
import type { ChatChoice } from '../../../src/core/chat/chat-result.js';
import { ChatCollector } from '../../../src/core/chat/collect-chat.js';
import { frameText } from '../../fakes/frame.js';
import { completeReply, type CompleteReply } from '../../fakes/scripted-reply.js';
import { testAttempt } from './adapter-under-test.js';
import { ADAPTERS } from './adapters.js';
import { readStream } from './read-wire.js';

// Every code point but lone halves of one, which no UTF-8 can carry.
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
const tokens = fc.nat(100_000);
const callArguments = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.jsonValue({ depthSize: 'small' }),
  {
    maxKeys: 4,
    noNullPrototype: true,
  },
);
const call = fc.record({
  id: fc.stringMatching(/^call_[A-Za-z0-9]{4,12}$/),
  name: fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/),
  arguments: callArguments.map((value) => JSON.stringify(value)),
});

const reply: fc.Arbitrary<CompleteReply> = fc
  .record({
    pieces: fc.array(text, { maxLength: 6 }),
    reasoning: fc.option(text, { nil: undefined }),
    toolCalls: fc.uniqueArray(call, { selector: ({ id }) => id, maxLength: 3 }),
    finishReason: fc.constantFrom('stop', 'length', 'tool-calls'),
    usage: fc.record({ input: tokens, cachedInput: tokens, output: tokens, reasoning: fc.constant(0) }),
  })
  .map((script) => {
    // An answer says something: one without anything is a fault and stands among those.
    const isSilent = script.pieces.length === 0 && script.toolCalls.length === 0;
    return completeReply({ ...script, ...(isSilent && { pieces: ['.'] }) }, { text: '', last: '' });
  });

describe.each(ADAPTERS)('$name', ({ createProtocol, render, hasChoices, finishReasonOf }) => {
  const choices = hasChoices ? fc.integer({ min: 1, max: 4 }) : fc.constant(1);
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

  it('reads any answer, streamed in any pieces or whole, as what was said', async () => {
    await fc.assert(
      fc.asyncProperty(reply, choices, cuts, async (said, count, at) => {
        const { frames, body } = render(said, count);
        const protocol = createProtocol(testAttempt(), { finishReasonOptional: false });
        const bytes = Buffer.from(frames.map((frame) => frameText(frame)).join(''));
        const { events, error } = await readStream(protocol.createStreamReader(), cutAt(bytes, at));
        expect(error).toBeNull();

        const finishReason = finishReasonOf?.(said) ?? said.finishReason;
        const expected = Array.from({ length: count }, (_, index) => expectedChoice({ ...said, finishReason }, index));
        const streamed = collect(events);
        expect(streamed.choices.map(comparable)).toEqual(expected);
        expect(streamed.usage).toEqual(said.usage);
        const whole = collect(protocol.readReply(JSON.parse(JSON.stringify(body))));
        expect({ ...whole, wire: undefined }).toEqual({ ...streamed, wire: undefined });
      }),
    );
  });
});

function cutAt(bytes: Buffer, at: readonly number[]): Uint8Array[] {
  const positions = at.map((share) => Math.floor(share * bytes.length)).sort((left, right) => left - right);
  return [0, ...positions].map((start, index) => bytes.subarray(start, positions[index] ?? bytes.length));
}

function collect(events: readonly ChatEvent[]): ReturnType<ChatCollector['result']> {
  const collector = new ChatCollector();
  for (const event of events) collector.add(event);
  return collector.result();
}

function expectedChoice({ text: whole, reasoning, toolCalls, finishReason }: CompleteReply, index: number): unknown {
  return { index, text: whole, reasoning, toolCalls: toolCalls.map(withoutPrefix), finishReason };
}

function comparable({ index, text: whole, reasoning, toolCalls, finishReason }: ChatChoice): unknown {
  const thoughts = reasoning.map((block) => block.text).join('');
  return { index, text: whole, reasoning: thoughts, toolCalls: toolCalls.map(withoutPrefix), finishReason };
}

// Vendors begin their ids in ways of their own.
function withoutPrefix<C extends { id: string | null }>(toolCall: C): C {
  return { ...toolCall, id: toolCall.id?.replace(/^[a-z]+_/, '') ?? null };
}
