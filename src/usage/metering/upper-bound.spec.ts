import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { DialectName } from '../../core/chat/wire-object.js';
import type { Candidate } from './candidates.js';
import { boundChat, boundEmbeddings, countWritten } from './upper-bound.js';

// USD per million tokens, so that a token of the prompt is a millionth and one of the answer two.
const prices = { dearestPriceOf: () => ({ input: 1, output: 2 }) };
const target = { provider: 'a', providerType: 'openai', model: 'm' } as const;

type Content = Extract<ChatRequest['messages'][number], { role: 'user' }>['content'];

function boundOf(
  content: Content,
  contextWindow: number | null = null,
  candidate: Candidate = target,
  tools?: ChatRequest['tools'],
): number {
  const messages = [{ role: 'user' as const, content }];
  const request = { model: 'm', messages, tools, stream: false, maxOutputTokens: 10 };
  const sizes = { contextWindow, maxOutputTokens: null, hasResponsesOnly: false };
  return Number(boundChat({ request, promptTokens: 100 }, [candidate], () => sizes, prices)) * 1e6;
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

  it.each<[Candidate['providerType'], string, 'low' | undefined, number]>([
    ['openai', 'gpt-4o', undefined, 10_000],
    ['openai', 'gpt-4o-mini-2024-07-18', undefined, 48_169],
    ['openai', 'gpt-4o-mini', 'low', 2_833],
    ['azure-openai', 'prod', 'low', 48_169],
    ['anthropic', 'claude-haiku-4-5', undefined, 10_000],
    ['gemini', 'gemini-2.5-pro', undefined, 48_169],
  ])('takes an image at %s/%s (detail %s) for %d tokens', (providerType, model, detail, expected) => {
    const image = { type: 'image', detail, source: { kind: 'url', url: 'https://a/b' } } as const;
    const candidate = { provider: 'a', providerType, model };
    expect(boundOf([image], null, candidate) - boundOf([], null, candidate)).toBeCloseTo(expected, 4);
  });

  it.each<[Candidate['providerType'], number, number]>([
    ['openai', 100, 100],
    ['azure-openai', 100, 100],
    ['local', 100, 100],
    ['openai-compatible', 199, 711],
    ['anthropic', 207, 1_231],
    ['gemini', 167, 423],
    ['vertex', 167, 423],
  ])('takes 100 tokens of our counting for so many at %s: %d, with tools %d', (providerType, plain, withTools) => {
    const candidate = { provider: 'a', providerType, model: 'm' };
    expect(boundOf([], null, candidate) - 20).toBeCloseTo(plain, 4);
    expect(boundOf([], null, candidate, [{ name: 'weather' }]) - 20).toBeCloseTo(withTools, 4);
  });
});

describe('the least that OpenAI writes by way of its Responses', () => {
  const boundAt = (providerType: Candidate['providerType'], dialect: DialectName, hasResponsesOnly = false): number => {
    const source = { dialect, body: {} };
    const request = { model: 'm', messages: [], stream: false, maxOutputTokens: 1, source };
    const sizes = { contextWindow: null, maxOutputTokens: null, hasResponsesOnly };
    const candidate = { provider: 'a', providerType, model: 'm' };
    return Number(boundChat({ request, promptTokens: 0 }, [candidate], () => sizes, prices)) * 1e6;
  };

  it.each<[Candidate['providerType'], DialectName, boolean, number]>([
    ['openai', 'openai-responses', false, 16],
    ['azure-openai', 'openai-responses', false, 16],
    ['openai', 'anthropic-messages', true, 16],
    ['openai', 'anthropic-messages', false, 1],
    ['openai-compatible', 'openai-responses', false, 1],
  ])('is reserved at %s for %s (responses alone: %s)', (providerType, dialect, hasResponsesOnly, expected) => {
    const extra = boundAt(providerType, dialect, hasResponsesOnly) - boundAt(providerType, 'openai-chat');
    expect(extra).toBeCloseTo((expected - 1) * 2, 4);
  });
});

describe(countWritten, () => {
  it('counts the answers that are written for the best of them', () => {
    const source = { dialect: 'openai-completions', body: { best_of: 5 } } as const;
    expect(countWritten({ choices: 2, source })).toBe(5);
    expect(countWritten({ choices: 2, source: { ...source, dialect: 'openai-chat' } })).toBe(2);
    expect(countWritten({})).toBe(1);
  });
});

describe('boundEmbeddings', () => {
  it('has the margin of the dearest candidate, and no frame', () => {
    const gemini = { provider: 'b', providerType: 'gemini', model: 'm' } as const;
    expect(Number(boundEmbeddings(100, [target, gemini], prices)) * 1e6).toBeCloseTo(135, 4);
  });
});
