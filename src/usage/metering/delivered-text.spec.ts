import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { DeliveredText } from './delivered-text.js';

function delivered(...events: ChatEvent[]): DeliveredText {
  const text = new DeliveredText();
  for (const event of events) text.add(event);
  return text;
}

describe('DeliveredText', () => {
  it('counts texts, refusals, tool calls and, apart, reasoning', () => {
    const text = delivered(
      { type: 'reasoning-delta', choice: 0, text: 'hello world' },
      { type: 'text-delta', choice: 0, text: 'hello' },
      { type: 'text-delta', choice: 0, text: ' world' },
      { type: 'tool-call-start', choice: 0, index: 0, id: 'call_1', name: ' weather' },
      { type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: '{}' },
      { type: 'finish', choice: 0, finishReason: 'stop' },
    );
    expect(text.tokens()).toEqual({ output: 4, reasoning: 2 });
    expect(text.characters).toBe(32);
  });

  it('has nothing to count at first, and counts on', () => {
    const text = delivered();
    expect(text.tokens()).toEqual({ output: 0, reasoning: 0 });
    text.add({ type: 'text-delta', choice: 0, text: 'hello' });
    expect(text.tokens().output).toBe(1);
  });

  it('estimates an answer that is longer than what it keeps', () => {
    const event: ChatEvent = { type: 'text-delta', choice: 0, text: ' hello'.repeat(100) };
    const { output } = delivered(...Array<ChatEvent>(1_000).fill(event)).tokens();
    expect(Math.abs(output / 100_000 - 1)).toBeLessThan(0.01);
  });
});
