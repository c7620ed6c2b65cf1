import { describe, expect, it } from '@jest/globals';
import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { JsonValue } from '../../../core/json.js';
import { mapUsage } from './map-usage.js';

describe(mapUsage.name, () => {
  it.each<[string, JsonValue, ReturnType<typeof tokenUsage>]>([
    ['plain counts', { prompt_tokens: 10, completion_tokens: 4 }, tokenUsage({ input: 10, output: 4 })],
    [
      'disjoint classes',
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60, audio_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 5 },
      },
      tokenUsage({ input: 30, cachedInput: 60, audioInput: 10, output: 15, reasoning: 30, audioOutput: 5 }),
    ],
    [
      'reasoning beside the completion',
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 45,
        completion_tokens_details: { reasoning_tokens: 30 },
      },
      tokenUsage({ input: 10, output: 5, reasoning: 30 }),
    ],
    [
      "another server's name for cached tokens",
      { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 8 },
      tokenUsage({ input: 2, cachedInput: 8, output: 1 }),
    ],
    [
      'what was written to the cache, which is dearer than other input',
      { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 5 } },
      tokenUsage({ input: 2, cachedInput: 3, cacheWrite5m: 5, output: 1 }),
    ],
    ['embeddings', { prompt_tokens: 9, total_tokens: 9 }, tokenUsage({ input: 9 })],
    [
      'details of null',
      { prompt_tokens: 1, completion_tokens: 1, prompt_tokens_details: null },
      tokenUsage({ input: 1, output: 1 }),
    ],
  ])('reads %s', (_what, usage, expected) => {
    expect(mapUsage(usage)).toEqual(expected);
  });

  it.each<[string, JsonValue | undefined]>([
    ['missing', undefined],
    ['null', null],
    ['empty', {}],
    ['negative', { prompt_tokens: -1, completion_tokens: 4 }],
    ['gigantic', { prompt_tokens: 1e12, completion_tokens: 4 }],
    ['text', { prompt_tokens: '10', completion_tokens: 4 }],
    ['a fraction', { prompt_tokens: 1.5, completion_tokens: 4 }],
    ['NaN', { prompt_tokens: NaN, completion_tokens: 4 }],
    ['more cached than sent', { prompt_tokens: 1, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 2 } }],
  ])('F31, F32: gives none for one that is %s', (_what, usage) => {
    expect(mapUsage(usage)).toBeNull();
  });
});
