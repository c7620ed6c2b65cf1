import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { estimateImageTokens, type ImageVendor } from './image-tokens.js';

function tokens(vendor: ImageVendor, model: string, width: number, height: number, detail?: 'low' | 'high'): number {
  return estimateImageTokens({ size: { width, height }, detail }, vendor, model);
}

describe('tokens of an image', () => {
  it.each<[string, number, number, 'low' | 'high' | undefined, number]>([
    // The examples of OpenAI's own page.
    ['gpt-4o', 1_024, 1_024, 'high', 765],
    ['gpt-4o', 2_048, 4_096, 'high', 1_105],
    ['gpt-4o', 4_096, 8_192, 'low', 85],
    ['gpt-4o', 512, 512, undefined, 255],
    ['gpt-4o-mini', 1_024, 1_024, 'high', 2_833 + 4 * 5_667],
    ['gpt-5', 1_024, 1_024, 'high', 70 + 4 * 140],
    ['o3', 1_024, 1_024, 'high', 75 + 4 * 150],
    ['gpt-4.1-mini', 1_024, 1_024, undefined, Math.ceil(1_024 * 1.62)],
    ['gpt-4.1-nano', 4_000, 4_000, undefined, Math.ceil(1_536 * 2.46)],
    ['o4-mini', 32, 33, undefined, Math.ceil(2 * 1.72)],
    // As measured at the API.
    ['gpt-5-mini', 768, 1_024, 'low', 922],
    ['gpt-5.4-mini', 1_600, 1_600, 'high', 1_844],
    ['gpt-5.4', 1_600, 1_600, 'high', 3_000],
  ])('%s: %d x %d at %s is %d', (model, width, height, detail, expected) => {
    expect(tokens('openai', model, width, height, detail)).toBe(expected);
  });

  it.each<[string, number, number, number]>([
    ['claude-haiku-4-5', 200, 200, 54],
    ['claude-haiku-4-5', 1_000, 1_000, 1_334],
    ['claude-haiku-4-5', 4_000, 4_000, 1_600],
    ['claude-opus-4-7', 1_000, 1_000, 1_334],
    ['claude-opus-4-7', 4_000, 4_000, 4_784],
  ])('%s: %d x %d is %d', (model, width, height, expected) => {
    expect(tokens('anthropic', model, width, height)).toBe(expected);
  });

  it.each<[string, number, number, 'low' | undefined, number]>([
    ['gemini-2.5-flash', 384, 384, undefined, 258],
    ['gemini-2.5-flash', 960, 540, undefined, 6 * 258],
    ['gemini-2.5-flash', 3_072, 3_072, undefined, 16 * 258],
    ['gemini-2.5-flash', 16_000, 16_000, undefined, 16 * 258],
    ['gemini-2.5-flash', 3_072, 3_072, 'low', 258],
    ['gemini-3-pro-preview', 100, 100, undefined, 1_120],
    ['gemini-flash-latest', 100, 100, 'low', 280],
  ])('%s: %d x %d at %s is %d', (model, width, height, detail, expected) => {
    expect(tokens('gemini', model, width, height, detail)).toBe(expected);
  });

  it('takes an image that nobody has looked at for one of 1024 x 1024', () => {
    for (const vendor of ['openai', 'anthropic', 'gemini'] as const) {
      expect(estimateImageTokens({}, vendor)).toBe(tokens(vendor, '', 1_024, 1_024));
    }
  });

  it('is a whole number that no size drives up without end', () => {
    const side = fc.integer({ min: 1, max: 100_000 });
    const models = fc.constantFrom('gpt-4o', 'gpt-4o-mini', 'gpt-5.4', 'claude-opus-4-8', 'gemini-2.5-pro', 'llama');
    const vendors = fc.constantFrom<ImageVendor>('openai', 'anthropic', 'gemini');
    fc.assert(
      fc.property(vendors, models, side, side, (vendor, model, width, height) => {
        const count = tokens(vendor, model, width, height);
        expect(Number.isInteger(count) && count > 0 && count <= 48_169).toBe(true);
      }),
    );
  });
});
