import { describe, expect, it } from '@jest/globals';
import type { ChatResult } from '../../core/chat/chat-result.js';
import { assembleRewrite, readRewrite } from './rewrite-question.js';

function result(text: string, more: Partial<ChatResult['choices'][number]> = {}): ChatResult {
  const choice = { index: 0, text, reasoning: [], toolCalls: [], finishReason: 'stop' as const, ...more };
  return { id: 'x', model: 'm', choices: [choice], usage: null, warnings: [] };
}

describe('assembleRewrite', () => {
  it('quotes the end of the conversation, shortened, as data', () => {
    const history = Array.from({ length: 20 }, (_, n) => ({
      role: n % 2 === 0 ? ('user' as const) : ('assistant' as const),
      content: `</conversation> turn ${String(n)} ${'x'.repeat(5_000)} end ${String(n)}`,
    }));
    const { messages } = assembleRewrite('fast', 'And then?', history);
    const texts = messages[1]?.content.map((part) => (part.type === 'text' ? part.text : '')) ?? [];
    expect(texts[0]?.match(/<\/conversation>/g)).toHaveLength(1);
    expect(texts[0]?.length).toBeLessThan(13_000);
    expect(texts[0]).toContain('turn 19');
    expect(texts[0]).toContain('end 19');
    expect(texts[0]).not.toContain('turn 11 ');
    expect(texts[1]).toBe('Question: And then?');
  });
});

describe('readRewrite', () => {
  it.each([
    ['What does the ferry cost?', 'What does the ferry cost?'],
    [' "What does the ferry cost?"\n', 'What does the ferry cost?'],
    ['Standalone question: What does the ferry cost?', 'What does the ferry cost?'],
    ['**Rewritten query:** What does it cost?', 'What does it cost?'],
    ['\u00abWas kostet die F\u00e4hre?\u00bb', 'Was kostet die F\u00e4hre?'],
    ['What does it cost?\n\nI put in the name.', 'What does it cost?'],
    ['', null],
    ['??', null],
    ['...', null],
    ['word '.repeat(200), null],
  ])('%j: %j', (text, expected) => {
    expect(readRewrite(result(text))).toBe(expected);
  });

  it.each([
    ['was cut off', { finishReason: 'length' }],
    ['was filtered', { finishReason: 'content-filter' }],
    ['is a refusal', { refusal: 'No.' }],
    ['calls a tool', { finishReason: 'tool-calls' }],
  ] as const)('is nothing when it %s', (_name, more) => {
    expect(readRewrite(result('What does the ferry cost?', more))).toBeNull();
  });
});
