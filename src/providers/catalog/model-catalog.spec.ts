import { describe, expect, it } from '@jest/globals';
import { PROVIDER_TYPES, type ProviderType } from '../../config/gateway-config.js';
import { baseModelName, ModelCatalog } from './model-catalog.js';

const catalog = new ModelCatalog();
const all = PROVIDER_TYPES.flatMap((type) => catalog.list(type));

describe('ModelCatalog', () => {
  it.each<[ProviderType, string, string | null]>([
    ['openai', 'gpt-4o', 'gpt-4o'],
    ['openai', 'gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['openai', 'gpt-4o-2031-01-01', 'gpt-4o'],
    ['openai', 'o1', 'o1-2024-12-17'],
    ['openai', 'gpt-5.4-mini', 'gpt-5.4-mini'],
    ['openai', 'gpt-5-chat-latest', 'gpt-5-chat-latest'],
    ['anthropic', 'claude-3-7-sonnet-latest', 'claude-3-7-sonnet-20250219'],
    ['anthropic', 'claude-sonnet-4-5-20991231', 'claude-sonnet-4-5'],
    ['anthropic', 'gpt-4o', null],
    ['openai', 'gpt-4o-tuned', null],
    ['openai', '', null],
    ['openai', 'constructor', null],
    ['openai-compatible', 'deepseek-chat', 'deepseek-chat'],
    ['openai-compatible', 'gpt-4o', null],
    ['local', 'extractive', 'extractive'],
  ])('%s %s is %s', (type, model, expected) => {
    expect(catalog.find(type, model)?.model ?? null).toBe(expected);
  });

  it.each([
    ['gpt-4o-2024-11-20', 'gpt-4o'],
    ['claude-opus-4-1-20250805', 'claude-opus-4-1'],
    ['gpt-3.5-turbo-0125', 'gpt-3.5-turbo-0125'],
    ['chatgpt-4o-latest', 'chatgpt-4o'],
  ])('the base of %s is %s', (model, base) => {
    expect(baseModelName(model)).toBe(base);
  });

  it.each<[ProviderType, string, object]>([
    ['openai', 'gpt-4o', { input: 2.5, cachedInput: 1.25, output: 10 }],
    ['openai', 'text-embedding-3-small', { input: 0.02, output: 0 }],
    ['openai', 'text-embedding-3-large', { input: 0.13, output: 0 }],
    ['openai', 'text-embedding-ada-002', { input: 0.1, output: 0 }],
    ['anthropic', 'claude-3-haiku-20240307', { input: 0.25, cacheWrite5m: 0.3, cacheWrite1h: 0.5, cachedInput: 0.03 }],
    ['anthropic', 'claude-3-opus-20240229', { input: 15, cacheWrite1h: 30 }],
    ['local', 'extractive', { input: 0, output: 0 }],
    ['local', 'lexical-384', { input: 0, output: 0 }],
  ])('%s %s is priced %j', (type, model, prices) => {
    expect(catalog.find(type, model)?.prices).toMatchObject(prices);
  });

  it('knows dimensions, tiers and models without a price', () => {
    expect(catalog.find('openai', 'text-embedding-3-large')?.dimensions).toBe(3072);
    expect(catalog.find('local', 'lexical-384')?.dimensions).toBe(384);
    expect(catalog.find('anthropic', 'claude-sonnet-4-5')?.tiers).toMatchObject([
      {
        aboveInputTokens: 200_000,
        prices: { input: 6, output: 22.5, cachedInput: 0.6, cacheWrite5m: 7.5, cacheWrite1h: 12 },
      },
    ]);
    expect(catalog.find('openai-compatible', 'deepseek-v3-2-251201')).toMatchObject({ prices: null });
  });
});

describe('every entry of the catalogue', () => {
  it('is there in numbers', () => {
    expect(all.length).toBeGreaterThan(150);
  });

  it('has plausible prices, and none is free but the local ones', () => {
    const wrong = all.flatMap((entry) => {
      const lists = [entry.prices, ...entry.tiers.map((tier) => tier.prices)].filter((prices) => prices !== null);
      return lists.flatMap((prices) =>
        Object.entries(prices)
          .filter(([name, price]) => {
            const mayBeZero = entry.vendor === 'local' || (entry.kind === 'embedding' && name === 'output');
            const isPlausible = price > 0 && price <= 2000;
            return mayBeZero ? price !== 0 : !isPlausible || (name === 'cachedInput' && price > prices.input);
          })
          .map(([name, price]) => `${entry.model} ${name} ${String(price)}`),
      );
    });
    expect(wrong).toEqual([]);
  });

  it('has prices that are exact decimals', () => {
    const texts = all.flatMap((entry) => Object.values(entry.prices ?? {}).map(String));
    expect(texts.filter((text) => !/^\d+(\.\d{1,6})?$/.test(text))).toEqual([]);
  });

  it('has tiers in ascending order that are not cheaper than the base', () => {
    for (const entry of all) {
      const bounds = entry.tiers.map((tier) => tier.aboveInputTokens);
      expect(bounds).toEqual([...bounds].sort((left, right) => left - right));
      for (const tier of entry.tiers) expect(tier.prices.input).toBeGreaterThanOrEqual(entry.prices?.input ?? Infinity);
    }
  });
});
