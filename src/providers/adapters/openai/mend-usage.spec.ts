import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../core/json.js';
import { mendUsage } from './mend-usage.js';

const WHOLE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };

describe(mendUsage.name, () => {
  it.each<[string, JsonObject]>([
    ['a whole one', WHOLE],
    ['one with details and extras', { ...WHOLE, prompt_tokens_details: { cached_tokens: 1 }, queue_time: 0.1 }],
  ])('leaves %s as it is', (_what, usage) => {
    expect(mendUsage(usage)).toBe(usage);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['no total', { prompt_tokens: 1, completion_tokens: 2 }, WHOLE],
    ['an absurd total', { ...WHOLE, total_tokens: -3 }, WHOLE],
    [
      'no completion',
      { prompt_tokens: 1, total_tokens: 1 },
      { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1 },
    ],
    ['details that are null', { ...WHOLE, prompt_tokens_details: null, x: 1 }, { ...WHOLE, x: 1 }],
  ])('mends %s in a copy', (_what, usage, mended) => {
    const before = structuredClone(usage);
    expect(mendUsage(usage)).toEqual(mended);
    expect(usage).toEqual(before);
  });
});
