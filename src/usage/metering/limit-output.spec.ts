import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { ExactNumber } from '../../core/exact-number.js';
import type { JsonObject } from '../../core/json.js';
import { limitOutput } from './limit-output.js';

const DEFAULT = 1_000;

function limited(
  maxOutputTokens: number | undefined,
  maxima: (number | null)[],
  source?: ChatRequest['source'],
): { tokens: number; body: JsonObject | undefined; warnings: string[] } {
  const warnings: string[] = [];
  const request: ChatRequest = { model: 'm', messages: [], stream: false, maxOutputTokens, source };
  const result = limitOutput(request, maxima, DEFAULT, (message) => warnings.push(message));
  return { tokens: result.maxOutputTokens, body: result.source?.body, warnings };
}

const openAi = (body: JsonObject): ChatRequest['source'] => ({ dialect: 'openai-chat', body });

describe('limitOutput', () => {
  it.each<[string, number | undefined, (number | null)[], number, number]>([
    ['the default', undefined, [null], DEFAULT, 0],
    ['what every candidate can write, below the default', undefined, [5_000, 300, null], 300, 0],
    ["the client's own", 50, [300], 50, 0],
    ["the client's own, where one candidate's most is unknown", 5_000, [300, null], 5_000, 0],
    ['the most that any candidate can write', 5_000, [300, 400], 400, 1],
  ])('takes %s', (_name, wanted, maxima, tokens, warnings) => {
    const result = limited(wanted, maxima);
    expect([result.tokens, result.warnings.length]).toEqual([tokens, warnings]);
  });

  it.each<[string, number | undefined, JsonObject, JsonObject]>([
    ['adds the newer name', undefined, { a: 1, max_tokens: null }, { a: 1, max_completion_tokens: 300 }],
    ['keeps the name the client used', 5_000, { max_tokens: 5_000 }, { max_tokens: 300 }],
    ['leaves one name of two', 20, { max_tokens: 9_999, max_completion_tokens: 20 }, { max_completion_tokens: 20 }],
    [
      'leaves one name of two, however its number is written',
      20,
      { max_tokens: new ExactNumber('9999.00000000000000000001'), max_completion_tokens: 20 },
      { max_completion_tokens: 20 },
    ],
    ['leaves a body as it is that needs no change', 20, { max_tokens: 20 }, { max_tokens: 20 }],
  ])('writes the limit into the body that goes on: %s', (_name, wanted, body, expected) => {
    expect(limited(wanted, [300], openAi(body)).body).toEqual(expected);
  });

  it.each([
    ['openai-responses', 'max_output_tokens'],
    ['openai-completions', 'max_tokens'],
  ] as const)('writes the limit into the body of %s', (dialect, name) => {
    expect(limited(5_000, [300], { dialect, body: { [name]: 5_000, x: 1 } }).body).toEqual({ [name]: 300, x: 1 });
  });

  it("writes the limit into Anthropic's body", () => {
    const source = { dialect: 'anthropic-messages', body: { max_tokens: 5_000 } } as const;
    expect(limited(5_000, [300], source).body).toEqual({ max_tokens: 300 });
  });
});
