import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { AnswerFold, type FoldedAnswer } from './answer-fold.js';

function text(piece: string, choice = 0): ChatEvent {
  return { type: 'text-delta', choice, text: piece };
}

function call(index: number, id: string, written = '{}'): ChatEvent[] {
  return [
    { type: 'tool-call-start', choice: 0, index, id, name: 'look' },
    { type: 'tool-call-delta', choice: 0, index, argumentsDelta: written },
  ];
}

function result(id: string, isError = false): ChatEvent {
  return { type: 'tool-result', id, name: 'http:look', content: `of ${id}`, isError };
}

function fold(events: readonly ChatEvent[], isWhole = true): FoldedAnswer {
  const answer = new AnswerFold(1_000);
  for (const event of events) answer.add(event);
  return answer.answer(isWhole);
}

const HEAD: ChatEvent = { type: 'response-start', id: 'x', model: 'm' };

describe('AnswerFold', () => {
  it('keeps thoughts with their signatures, words and calls in the order they came', () => {
    const { messages, model, finishReason } = fold([
      HEAD,
      { type: 'reasoning-delta', choice: 0, text: 'Hm' },
      { type: 'reasoning-delta', choice: 0, text: '.', signature: 'sig', signedBy: 'anthropic' },
      { type: 'reasoning-delta', choice: 0, text: '', redacted: 'dark', signedBy: 'anthropic' },
      ...[text('Let me '), text('see.'), text('Another choice.', 1)],
      ...call(0, 'a', '{"x":'),
      { type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: '1}' },
      { type: 'finish', choice: 0, finishReason: 'tool-calls' },
    ]);
    expect([model, finishReason]).toEqual(['m', 'tool-calls']);
    expect(messages).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.', signature: 'sig', signedBy: 'anthropic', model: 'm' },
          { type: 'reasoning', text: '', redacted: 'dark', signedBy: 'anthropic', model: 'm' },
          { type: 'text', text: 'Let me see.' },
          { type: 'tool-call', id: 'a', name: 'look', arguments: '{"x":1}' },
        ],
      },
    ]);
  });

  it('puts the results of tools behind the message with their calls, and what follows into the next one', () => {
    const { messages } = fold([
      ...[HEAD, text('One. '), ...call(0, 'a'), ...call(1, 'b'), result('b'), result('a', true)],
      ...[text('\n\n'), text('Two.'), ...call(2, 'c'), result('c')],
      ...[text('Three.'), { type: 'finish', choice: 0, finishReason: 'stop' } as const],
    ]);
    expect(messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'tool', 'assistant', 'tool', 'assistant']);
    expect(messages[2]).toEqual({
      role: 'tool',
      toolCallId: 'a',
      content: [{ type: 'text', text: 'of a' }],
      isError: true,
    });
    expect(messages[3]?.content[0]).toEqual({ type: 'text', text: 'Two.' });
    expect(messages[5]?.content).toEqual([{ type: 'text', text: 'Three.' }]);
  });

  it('leaves calls without results out of what broke off, and keeps those that were run', () => {
    expect(fold([HEAD, ...call(0, 'a', '{"x')], false).messages).toEqual([]);
    expect(fold([HEAD, text('So'), ...call(0, 'a', '{"x')], false).messages).toEqual([
      { role: 'assistant', content: [{ type: 'text', text: 'So' }] },
    ]);
    const run = fold([HEAD, ...call(0, 'a'), result('a'), text('It'), ...call(1, 'b', '{')], false).messages;
    expect(run.map(({ role }) => role)).toEqual(['assistant', 'tool', 'assistant']);
    expect(run.at(-1)?.content).toEqual([{ type: 'text', text: 'It' }]);
  });

  it('an answer that says nothing has no message', () => {
    expect(fold([HEAD, text(''), { type: 'finish', choice: 0, finishReason: 'stop' }])).toEqual({
      ...{ messages: [], model: 'm', finishReason: 'stop' },
    });
  });
});
