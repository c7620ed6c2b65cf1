import { describe, expect, it } from '@jest/globals';
import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { JsonObject } from '../../../core/json.js';
import { mapPromptUsage, mapUsage, mergeUsage } from './map-usage.js';

describe(mapUsage.name, () => {
  it('reads disjoint classes', () => {
    const usage = {
      input_tokens: 12,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 35,
      cache_creation: { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 5 },
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 20 },
    };
    expect(mapUsage(usage)).toEqual(
      tokenUsage({ input: 12, cachedInput: 200, cacheWrite5m: 30, cacheWrite1h: 5, output: 30, reasoning: 20 }),
    );
  });

  it.each<[string, JsonObject, Partial<ReturnType<typeof tokenUsage>>]>([
    ['without a breakdown', { cache_creation_input_tokens: 35 }, { cacheWrite5m: 35 }],
    ['with nothing but a breakdown', { cache_creation: { ephemeral_1h_input_tokens: 7 } }, { cacheWrite1h: 7 }],
    ['that are null', { cache_creation_input_tokens: null, cache_creation: null, output_tokens_details: null }, {}],
  ])('reads cache writes %s', (_what, written, expected) => {
    expect(mapUsage({ input_tokens: 1, output_tokens: 2, ...written })).toEqual(
      tokenUsage({ input: 1, output: 2, ...expected }),
    );
  });

  it.each<[string, JsonObject]>([
    ['empty', {}],
    ['without output', { input_tokens: 1 }],
    ['negative', { input_tokens: -1, output_tokens: 1 }],
    ['gigantic', { input_tokens: 1, output_tokens: 1e12 }],
    ['text', { input_tokens: '1', output_tokens: 1 }],
    ['thinking past its whole', { input_tokens: 1, output_tokens: 1, output_tokens_details: { thinking_tokens: 2 } }],
  ])('F32: gives none for one that is %s', (_what, usage) => {
    expect(mapUsage(usage)).toBeNull();
  });
});

describe(mergeUsage.name, () => {
  const start = { input_tokens: 12, cache_read_input_tokens: 200, output_tokens: 1 };

  it.each<[string, JsonObject | undefined, JsonObject]>([
    ['replaces counts', { output_tokens: 40 }, { ...start, output_tokens: 40 }],
    ['never sums', { input_tokens: 12, output_tokens: 40 }, { ...start, output_tokens: 40 }],
    [
      'keeps the prompt that is repeated as zero',
      { input_tokens: 0, cache_read_input_tokens: null, output_tokens: 40 },
      { ...start, output_tokens: 40 },
    ],
    [
      'takes a prompt that grew',
      { input_tokens: 500, output_tokens: 40 },
      { ...start, input_tokens: 500, output_tokens: 40 },
    ],
    ['bears nothing', undefined, start],
  ])('%s', (_what, later, expected) => {
    expect(mergeUsage(start, later)).toEqual(expected);
  });
});

describe(mapPromptUsage.name, () => {
  it('has the prompt in its classes and nothing of the answer', () => {
    expect(mapPromptUsage({ input_tokens: 5, cache_read_input_tokens: 7, output_tokens: 3 })).toEqual(
      tokenUsage({ input: 5, cachedInput: 7, estimated: true }),
    );
    expect(mapPromptUsage({ input_tokens: -5 })).toBeNull();
    expect(mapPromptUsage({})).toBeNull();
  });
});
