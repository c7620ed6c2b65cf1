import { describe, expect, it } from '@jest/globals';
import { toPrice } from './to-price.js';

describe(toPrice.name, () => {
  it('leaves out what is not said', () => {
    expect(JSON.parse(JSON.stringify(toPrice({ input: 1, output: 2 })))).toEqual({ input: 1, output: 2 });
  });

  it('takes every class, tiers in ascending order, the discount and the units', () => {
    const price = toPrice({
      ...{ input: 1, output: 2, cached_input: 0.1, cache_write_5m: 1.25, cache_write_1h: 2, reasoning: 3 },
      ...{
        image_input: 4,
        audio_input: 5,
        audio_output: 6,
        batch_discount: 0.5,
        per_image: 0.04,
        per_character: 0.001,
        image_output: 7,
        per_search: 0.002,
        images: { 'hd 1024x1024': 0.08 },
      },
      tiers: [
        { above_input_tokens: 20, input: 3, output: 4 },
        { above_input_tokens: 10, input: 2, output: 3, audio_output: 9 },
      ],
    });
    expect(JSON.parse(JSON.stringify(price))).toEqual({
      ...{ input: 1, output: 2, cachedInput: 0.1, cacheWrite5m: 1.25, cacheWrite1h: 2, reasoning: 3 },
      ...{ imageInput: 4, audioInput: 5, audioOutput: 6, imageOutput: 7, batchDiscount: 0.5 },
      units: { image: 0.04, character: 0.001, search: 0.002, images: { 'hd 1024x1024': 0.08 } },
      tiers: [
        { aboveInputTokens: 10, prices: { input: 2, output: 3, audioOutput: 9 } },
        { aboveInputTokens: 20, prices: { input: 3, output: 4 } },
      ],
    });
  });
});
