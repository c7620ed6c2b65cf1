import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ChatRequest } from '../core/chat/chat-request.js';
import fc from 'fast-check';
import { countExactly } from './encoder.js';

const encoded: string[] = [];
jest.unstable_mockModule('./encoder.js', () => ({
  countExactly: (text: string) => {
    encoded.push(text);
    return countExactly(text);
  },
}));
const { boundChatTokens, boundEmbeddingTokens, countChatTokens, countEmbeddingTokens, countTokens } =
  await import('./count-tokens.js');

const MOST_UNITS = 32_768;
// Merging is quadratic in these, so nothing longer may reach the encoder.
const LONG_WORD = /[\p{L}\p{M}]{65}|[^\s\p{L}\p{N}]{65}|\s{65}/u;

/** Judges what was given to the encoder, and not how long it took: that is for the machine to say. */
function expectLittleWork(): void {
  expect(encoded.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(MOST_UNITS);
  expect(encoded.filter((text) => LONG_WORD.test(text))).toEqual([]);
}

const PANGRAM = 'The quick brown fox jumps over the lazy dog. ';

describe('countTokens', () => {
  beforeEach(() => {
    encoded.length = 0;
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
    expect(countTokens(text)).toBeGreaterThan(0);
    expectLittleWork();
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
    encoded.length = 0;
    const tokens = countChatTokens(
      request({
        messages: Array.from({ length: 20 }, () => ({ role: 'user', content: [{ type: 'text', text: noise }] })),
      }),
    );
    expect(tokens).toBeGreaterThan(1_000_000);
    expectLittleWork();
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
