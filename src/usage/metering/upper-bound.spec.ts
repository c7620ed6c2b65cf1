import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { boundChat } from './upper-bound.js';

// USD per million tokens, so that a token of the prompt is a millionth and one of the answer two.
const prices = { dearestPriceOf: () => ({ input: 1, output: 2 }) };
const target = { provider: 'a', providerType: 'openai', model: 'm' } as const;

function boundOf(
  content: Extract<ChatRequest['messages'][number], { role: 'user' }>['content'],
  contextWindow: number | null = null,
): number {
  const request = { model: 'm', messages: [{ role: 'user' as const, content }], stream: false, maxOutputTokens: 10 };
  const sizes = { contextWindow, maxOutputTokens: null };
  return Number(boundChat({ request, promptTokens: 100 }, [target], () => sizes, prices)) * 1e6;
}

describe('boundChat', () => {
  it.each<[string, Parameters<typeof boundOf>[0], number]>([
    ['texts as they are counted', [{ type: 'text', text: 'hello' }], 0],
    ['an image', [{ type: 'image', source: { kind: 'url', url: 'https://a/b' } }], 10_000],
    ['sound', [{ type: 'audio', format: 'mp3', data: 'A'.repeat(3_000) }], 100],
    [
      'a file',
      [{ type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'A'.repeat(500) } }],
      500,
    ],
    ['a file that the provider has', [{ type: 'file', source: { kind: 'id', fileId: 'file-1' } }], 1_000_000],
  ])('counts %s', (_name, content, expected) => {
    expect(boundOf(content)).toBeCloseTo(100 + expected + 20, 4);
  });

  it('counts no more than a candidate can read', () => {
    expect(boundOf([{ type: 'file', source: { kind: 'id', fileId: 'file-1' } }], 8_000)).toBeCloseTo(8_120, 4);
  });
});
