import { describe, expect, it } from '@jest/globals';
import type { GatewayConfig, PriceConfig, ProviderConfig, ProviderType } from '../../config/gateway-config.js';
import { tokenUsage, type TokenUsage, type UnitCounts } from '../../core/chat/token-usage.js';
import { ModelCatalog } from '../../providers/catalog/model-catalog.js';
import { PriceBook } from './price-book.js';

const catalog = new ModelCatalog();

function bookOf(prices: Record<string, PriceConfig> = {}): PriceBook {
  const provider = (name: string, type: ProviderType): ProviderConfig => ({ name, type }) as ProviderConfig;
  const providers = [
    provider('openai', 'openai'),
    provider('claude', 'anthropic'),
    provider('lab', 'openai-compatible'),
    provider('local', 'local'),
  ];
  return new PriceBook({ providers, prices, unpricedModels: 'flag' } as unknown as GatewayConfig, catalog);
}

describe('PriceBook', () => {
  // Each line was computed by hand from the vendor's price list, in USD per million tokens.
  it.each<[string, string, string, Partial<TokenUsage>, string]>([
    ['plain', 'openai', 'gpt-4o', { input: 1_000, output: 500 }, '0.0075000000'],
    ['cached input', 'openai', 'gpt-4o', { input: 1_000, cachedInput: 9_000, output: 100 }, '0.0147500000'],
    ['one token', 'openai', 'gpt-4o-mini', { input: 1 }, '0.0000001500'],
    ['reasoning as output', 'openai', 'o3', { input: 100, output: 10, reasoning: 990 }, '0.0082000000'],
    ['embeddings', 'openai', 'text-embedding-3-small', { input: 7 }, '0.0000001400'],
    [
      'cache writes of both ages',
      'claude',
      'claude-haiku-4-5',
      // 1,000 * 1 + 50,000 * 0.1 + 10,000 * 1.25 + 20,000 * 2 + 300 * 5 = 60,000
      { input: 1_000, cachedInput: 50_000, cacheWrite5m: 10_000, cacheWrite1h: 20_000, output: 300 },
      '0.0600000000',
    ],
    ['up to the tier', 'claude', 'claude-sonnet-4-5', { input: 200_000, output: 1_000 }, '0.6150000000'],
    ['past the tier, all of it', 'claude', 'claude-sonnet-4-5', { input: 200_001, output: 1_000 }, '1.2225060000'],
    [
      'cached input counts for the tier',
      'claude',
      'claude-sonnet-4-5',
      // (1,000 * 6 + 200,000 * 0.6 + 1,000 * 22.5) / 10^6
      { input: 1_000, cachedInput: 200_000, output: 1_000 },
      '0.1485000000',
    ],
    ['a dated name', 'openai', 'gpt-4o-2024-05-13', { input: 1_000_000 }, '5.0000000000'],
    ['local', 'local', 'anything', { input: 1_000_000, output: 5 }, '0.0000000000'],
    ['no tokens', 'openai', 'gpt-4o', {}, '0.0000000000'],
    ['audio in and out', 'openai', 'gpt-4o-audio-preview', { audioInput: 100, audioOutput: 10 }, '0.0048000000'],
  ])('%s', (_name, provider, model, usage, expected) => {
    expect(bookOf().costOf(provider, model, tokenUsage(usage))).toBe(expected);
  });

  it.each([
    ['lab', 'llama'],
    ['lab', 'gpt-4o'],
    ['nobody', 'gpt-4o'],
    ['openai', 'constructor'],
    ['lab', 'deepseek-v3-2-251201'],
  ])('does not know the price of %s/%s, and never says nothing', (provider, model) => {
    expect(bookOf().isPriced(provider, model)).toBe(false);
    expect(bookOf().costOf(provider, model, tokenUsage())).toBeNull();
  });

  it('takes the configured price before the catalogue, without its tiers', () => {
    const book = bookOf({
      'claude/claude-sonnet-4-5': { input: 1, output: 2 },
      'lab/llama': { input: 0.1, output: 0.2 },
    });
    const usage = tokenUsage({ input: 300_000, cachedInput: 100_000, reasoning: 1_000 });
    expect(book.costOf('claude', 'claude-sonnet-4-5', usage)).toBe('0.4020000000');
    expect(book.costOf('lab', 'llama', tokenUsage({ input: 3 }))).toBe('0.0000003000');
    expect(bookOf({ 'lab/free': { input: 0, output: 0 } }).costOf('lab', 'free', usage)).toBe('0.0000000000');
  });

  it('bills by units alone where tokens have no price', () => {
    const book = bookOf({});
    expect(book.isPriced('openai', 'whisper-1')).toBe(false);
    expect(book.dearestPriceOf('openai', 'whisper-1')).toBeNull();
    expect(book.costOf('openai', 'whisper-1', tokenUsage({ units: { audioInputSecond: 61 } }))).toBe('0.0061000000');
    expect(book.costOf('openai', 'whisper-1', tokenUsage({ input: 5 }))).toBeNull();
    expect(book.costOf('openai', 'tts-1', tokenUsage({ input: 9, units: { character: 100 } }))).toBe('0.0015000000');
  });

  it.each([
    ['hd 1024x1792', '0.1200000000'],
    ['standard 1024x1024', '0.0400000000'],
    ['odd 9x9', '0.1200000000'],
    [null, '0.1200000000'],
  ])('takes the price of the image that was made: %s', (imageVariant, costUsd) => {
    const usage = tokenUsage({ units: { image: 1 } });
    expect(bookOf({}).costOf('openai', 'dall-e-3', usage, { imageVariant })).toBe(costUsd);
  });

  it('has tokens of images that were made at their own price', () => {
    const usage = tokenUsage({ input: 100, output: 10, imageOutput: 1_000, units: { image: 1 } });
    expect(bookOf({}).costOf('openai', 'gpt-image-1.5', usage)).toBe('0.0326000000');
  });

  it('bills the terms of a use: batches, service tiers, units', () => {
    const book = bookOf({
      'lab/all': {
        input: 2,
        output: 8,
        audioOutput: 64,
        batchDiscount: 0.25,
        units: { image: 0.04, audioInputSecond: 0.0001 },
      },
      'lab/tiered': { input: 1, output: 2, tiers: [{ aboveInputTokens: 10, prices: { input: 3, output: 4 } }] },
    });
    const usage = tokenUsage({ input: 1_000, output: 100, audioOutput: 10 });
    expect(book.costOf('lab', 'all', usage)).toBe('0.0034400000');
    expect(book.costOf('lab', 'all', usage, { isBatch: true })).toBe('0.0025800000');
    const unitsOf = (units: UnitCounts): TokenUsage => tokenUsage({ units });
    expect(book.costOf('lab', 'all', unitsOf({ image: 3, audioInputSecond: 7 }))).toBe('0.1207000000');
    expect(book.costOf('lab', 'all', unitsOf({ character: 5 }))).toBeNull();
    expect(book.costOf('lab', 'all', unitsOf({ character: 0 }))).toBe('0.0000000000');
    // What is counted beside tokens is in their price, where it has none of its own.
    expect(book.costOf('lab', 'all', { ...usage, units: { character: 5 } })).toBe('0.0034400000');
    expect(book.costOf('lab', 'all', { ...usage, units: { image: 1 } })).toBe('0.0434400000');
    expect(book.costOf('lab', 'tiered', tokenUsage({ input: 11 }))).toBe('0.0000330000');
    expect(book.costOf('openai', 'gpt-4o', usage, { isBatch: true })).toBe('0.0018000000');
    expect(book.costOf('lab', 'all', usage, { serviceTier: 'priority' })).toBeNull();
    expect(book.costOf('lab', 'all', usage, { serviceTier: 'flex' })).toBe('0.0034400000');
  });

  it('keeps dear classes dear beyond a tier that leaves them out', () => {
    // Above 200,000 tokens input costs 6 instead of 3, and an hour in the cache 12 instead of 6.
    const usage = tokenUsage({ input: 200_001, cacheWrite1h: 1_000_000 });
    expect(bookOf().costOf('claude', 'claude-sonnet-4-20250514', usage)).toBe('13.2000060000');
  });
});
