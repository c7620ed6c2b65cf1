import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { tokenUsage, type TokenUsage, totalInputTokens } from '../../../core/chat/token-usage.js';
import type { JsonObject, JsonValue } from '../../../core/json.js';
import { mapUsage } from './map-usage.js';

describe(mapUsage.name, () => {
  it.each<[string, JsonObject, Partial<TokenUsage>]>([
    ['a prompt alone', { promptTokenCount: 9 }, { input: 9 }],
    [
      'thoughts beside the answer',
      { promptTokenCount: 1, candidatesTokenCount: 2, thoughtsTokenCount: 3 },
      { input: 1, output: 2, reasoning: 3 },
    ],
    [
      'the cache as a part of the prompt',
      { promptTokenCount: 10, cachedContentTokenCount: 8 },
      { input: 2, cachedInput: 8 },
    ],
    [
      'details that say more than the whole, which are not believed',
      { promptTokenCount: 10, promptTokensDetails: [{ modality: 'IMAGE', tokenCount: 300 }] },
      { input: 10 },
    ],
    [
      'spoken answers',
      { promptTokenCount: 1, candidatesTokenCount: 5, candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 4 }] },
      { input: 1, output: 1, audioOutput: 4 },
    ],
  ])('takes %s', (_what, usage, counts) => {
    expect(mapUsage(usage)).toEqual(tokenUsage(counts));
  });

  it('divides media, the cache and the prompts of tools, and loses nothing', () => {
    const file = new URL('../../../../test/fixtures/wire/gemini/media-usage.json', import.meta.url);
    const { usageMetadata } = JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
    const usage = mapUsage(usageMetadata);
    expect(usage).toEqual(
      tokenUsage({ input: 42, cachedInput: 100, imageInput: 258, audioInput: 20, output: 30, reasoning: 10 }),
    );
    expect(usage && totalInputTokens(usage)).toBe(420);
  });

  it.each<[string, JsonValue | undefined]>([
    ['none', undefined],
    ['null', null],
    ['no prompt', {}],
    ['a negative count', { promptTokenCount: -1 }],
    ['a fraction', { promptTokenCount: 1.5 }],
    ['a text', { promptTokenCount: '9' }],
    ['a count past belief', { promptTokenCount: 9, candidatesTokenCount: 1e12 }],
    ['a cache larger than the prompt', { promptTokenCount: 9, cachedContentTokenCount: 10 }],
  ])('F31, F32: gives nothing for %s', (_what, usage) => {
    expect(mapUsage(usage)).toBeNull();
  });
});
