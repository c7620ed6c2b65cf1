import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../core/chat/chat-request.js';
import fc from 'fast-check';
import {
  boundChatTokens,
  boundEmbeddingTokens,
  countChatTokens,
  countEmbeddingTokens,
  countTokens,
} from './count-tokens.js';

const PANGRAM = 'The quick brown fox jumps over the lazy dog. ';

describe('countTokens', () => {
  // Loading the vocabulary is measured by nobody here.
  beforeAll(() => {
    countTokens('warm');
  });

  it.each([
    ['', 0],
    ['hello world', 2],
    ['tiktoken is great!', 6],
    ['お誕生日おめでとう', 8],
    ['a <|endoftext|> b', 9],
    ['2 + 2 = 4', 7],
  ])('%j is %d tokens of o200k_base', (text, expected) => {
    expect(countTokens(text)).toBe(expected);
  });

  it('counts a long ordinary text within 2 % by samples', () => {
    const whole = countTokens(PANGRAM.repeat(100)) / 100;
    const sampled = countTokens(PANGRAM.repeat(20_000)) / 20_000;
    expect(Math.abs(sampled / whole - 1)).toBeLessThan(0.02);
  });

  it.each([
    ['one letter', 'a'.repeat(1_000_000)],
    ['spaces', ' '.repeat(1_000_000)],
    ['line ends', '\n'.repeat(1_000_000)],
    ['punctuation', '!?'.repeat(500_000)],
    ['combining marks', 'a\u0301'.repeat(500_000)],
    ['emoji', '👩‍👩‍👧'.repeat(125_000)],
    ['lone surrogates', '\ud800'.repeat(1_000_000)],
    [
      'Han',
      Array.from({ length: 500_000 }, (_, index) => String.fromCharCode(0x4e00 + ((index * 7919) % 20_000))).join(''),
    ],
  ])('takes a million characters of %s in stride', (_name, text) => {
    const startedAt = performance.now();
    expect(countTokens(text)).toBeGreaterThan(0);
    // A busy machine needs longer than the promised 200 ms; whatever is quadratic needs minutes.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('countChatTokens', () => {
  const request = (rest: Partial<ChatRequest>): ChatRequest => ({ model: 'm', messages: [], stream: false, ...rest });
  const user = (content: Extract<ChatRequest['messages'][number], { role: 'user' }>['content']): ChatRequest =>
    request({ messages: [{ role: 'user', content }] });

  it.each<[string, ChatRequest, number]>([
    ['nothing but the frame', request({}), 3],
    ['one message', user([{ type: 'text', text: 'hello world' }]), 8],
    ['an image', user([{ type: 'image', source: { kind: 'url', url: 'https://a/b' } }]), 771],
    ['a small image', user([{ type: 'image', detail: 'low', source: { kind: 'url', url: 'https://a/b' } }]), 91],
    ['sound', user([{ type: 'audio', format: 'wav', data: 'A'.repeat(20_000) }]), 16],
    ['a stored file', user([{ type: 'file', source: { kind: 'id', fileId: 'file-1' } }]), 1506],
    [
      'a tool call and its result',
      request({
        messages: [
          { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'weather', arguments: '{}' }] },
          { role: 'tool', toolCallId: 'c', content: [{ type: 'text', text: 'sunny' }] },
        ],
      }),
      13,
    ],
    ['a tool', request({ tools: [{ name: 'weather' }] }), 13],
    ['a source', request({ documents: [{ n: 1, source: 'a', text: 'hello world' }] }), 6],
  ])('%s', (_name, chat, expected) => {
    expect(countChatTokens(chat)).toBe(expected);
  });

  it('takes many long messages in stride', () => {
    const noise = Array.from({ length: 30_000 }, (_, index) => (index * 7919).toString(36)).join(' ');
    const startedAt = performance.now();
    const tokens = countChatTokens(
      request({
        messages: Array.from({ length: 20 }, () => ({ role: 'user', content: [{ type: 'text', text: noise }] })),
      }),
    );
    expect(tokens).toBeGreaterThan(1_000_000);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('countEmbeddingTokens', () => {
  it('adds texts and token numbers', () => {
    expect(countEmbeddingTokens({ model: 'm', inputs: ['hello world', [1, 2, 3]] })).toBe(5);
  });
});

describe('bounds at a glance', () => {
  it('are never less than what is counted', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.lorem());
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (texts) => {
        const messages = texts.map((each) => ({
          role: 'user' as const,
          content: [{ type: 'text' as const, text: each }],
        }));
        const chat = { model: 'm', messages, tools: [{ name: 'weather' }], stream: false };
        expect(boundChatTokens(chat)).toBeGreaterThanOrEqual(countChatTokens(chat));
        const embedding = { model: 'm', inputs: [...texts, [1, 2]] };
        expect(boundEmbeddingTokens(embedding)).toBeGreaterThanOrEqual(countEmbeddingTokens(embedding));
      }),
    );
  });

  it('are bytes of UTF-8', () => {
    expect(boundEmbeddingTokens({ model: 'm', inputs: ['a€', [1, 2, 3]] })).toBe(7);
  });
});
