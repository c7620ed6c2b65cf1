import { describe, expect, it } from '@jest/globals';
import { PROVIDER_TYPES, type ProviderType } from '../../config/gateway-config.js';
import { providerConfig } from '../../../test/support/scripted-providers.js';
import { STANDARD_ALIASES, standardModel } from '../../config/gateway/standard-models.js';
import { modelTraits } from '../adapters/anthropic/model-traits.js';
import type { CatalogKind, ModelCapabilities } from './catalog-entry.js';
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
    ['azure-openai', 'gpt-4o', 'gpt-4o'],
    ['azure-openai', 'our-deployment', null],
    ['gemini', 'gemini-2.5-pro', 'gemini-2.5-pro'],
    ['vertex', 'gemini-2.5-pro', 'gemini-2.5-pro'],
    ['gemini', 'gemini-embedding-001', 'gemini-embedding-001'],
    ['gemini', 'claude-sonnet-5', null],
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
    ['gemini', 'gemini-2.5-pro', { input: 1.25, output: 10, cachedInput: 0.125 }],
    ['gemini', 'gemini-2.5-flash', { input: 0.3, output: 2.5, cachedInput: 0.03, audioInput: 1 }],
    ['gemini', 'gemini-2.5-flash-lite', { input: 0.1, output: 0.4, cachedInput: 0.01 }],
    ['gemini', 'gemini-3.1-pro-preview', { input: 2, output: 12, cachedInput: 0.2 }],
    ['gemini', 'gemini-embedding-001', { input: 0.15, output: 0 }],
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

describe('Gemini models', () => {
  it.each([
    ['gemini-2.5-pro', { input: 2.5, output: 15, cachedInput: 0.25 }],
    ['gemini-3.1-pro-preview', { input: 4, output: 18, cachedInput: 0.4 }],
  ])('%s is dearer above 200,000 tokens, and writing a cache costs nothing', (model, prices) => {
    expect(catalog.find('gemini', model)?.tiers).toEqual([{ aboveInputTokens: 200_000, prices }]);
  });

  it.each([
    'gemini-2.5-pro',
    'gemini-2.5-flash',
    'gemini-2.5-flash-lite',
    'gemini-3-flash-preview',
    'gemini-3.1-pro-preview',
    'gemini-3.1-flash-lite',
    'gemini-3.5-flash',
    'gemini-3.6-flash',
    'gemini-3.8-flash',
  ])('%s reads a million tokens and can do what a chat asks for', (model) => {
    const entry = catalog.find('gemini', model);
    expect(entry).toMatchObject({ model, kind: 'chat', contextWindow: 1_048_576 });
    expect(entry?.maxOutputTokens).toBeGreaterThanOrEqual(65_535);
    expect(entry?.capabilities).toEqual({
      streaming: true,
      tools: true,
      vision: true,
      jsonSchema: true,
      reasoning: true,
      promptCaching: true,
      assistantPrefill: false,
    });
  });

  it('have an embedding model with its dimensions', () => {
    expect(catalog.find('gemini', 'gemini-embedding-001')).toMatchObject({
      kind: 'embedding',
      dimensions: 3072,
      contextWindow: 2048,
    });
  });

  it('have no price under names that move from model to model', () => {
    expect(catalog.find('gemini', 'gemini-flash-latest')).toMatchObject({ kind: 'chat', prices: null });
  });
});

describe('capabilities', () => {
  it('of Claude models are what the adapter finds in their names', () => {
    const claude = catalog
      .list('anthropic')
      .filter(({ kind, model }) => kind === 'chat' && /^claude-[a-z]/.test(model));
    expect(claude.length).toBeGreaterThan(15);
    for (const { model, capabilities } of claude) {
      const traits = modelTraits(model);
      expect([model, capabilities.assistantPrefill, capabilities.jsonSchema]).toEqual([
        model,
        traits.takesPrefill,
        traits.takesSchemas,
      ]);
    }
  });

  it.each<[string, Partial<ModelCapabilities>]>([
    ['gpt-4o', { tools: true, vision: true, jsonSchema: true, reasoning: false, promptCaching: true }],
    ['gpt-3.5-turbo', { tools: true, vision: false, jsonSchema: false, reasoning: false, promptCaching: false }],
    ['gpt-5.6', { tools: true, vision: true, jsonSchema: true, reasoning: true, promptCaching: true }],
    ['gpt-5-chat-latest', { reasoning: false }],
    ['o3-mini', { vision: false, reasoning: true }],
    ['o3-deep-research', { reasoning: true }],
  ])('of OpenAI’s %s are %j', (model, expected) => {
    expect(catalog.find('openai', model)?.capabilities).toMatchObject({ ...expected, assistantPrefill: false });
  });

  it.each<[ProviderType, string, CatalogKind]>([
    ['openai', 'gpt-4o-realtime-preview', 'other'],
    ['openai', 'gpt-4o-mini-tts', 'speech'],
    ['openai', 'gpt-4o-transcribe', 'transcription'],
    ['openai', 'gpt-image-1', 'image'],
    ['openai', 'omni-moderation-latest', 'moderation'],
    ['cohere', 'rerank-v3.5', 'rerank'],
    ['gemini', 'gemini-2.5-pro-preview-tts', 'speech'],
    ['gemini', 'gemini-2.5-flash-native-audio-latest', 'other'],
  ])('%s %s is no chat model', (type, model, kind) => {
    expect(catalog.find(type, model)).toMatchObject({ kind, capabilities: { streaming: false } });
  });

  it('gpt-3.5-turbo-instruct completes texts, in streams too, and does not chat', () => {
    const expected = { kind: 'completion', capabilities: { streaming: true, tools: false } };
    expect(catalog.find('openai', 'gpt-3.5-turbo-instruct')).toMatchObject(expected);
  });

  it.each(['o3-pro', 'gpt-5.1-codex'])('%s chats by OpenAI’s Responses alone', (model) => {
    const capabilities = { streaming: true, tools: true, reasoning: true };
    expect(catalog.find('openai', model)).toMatchObject({ kind: 'responses', capabilities });
  });
});

describe('every entry of the catalogue', () => {
  it('is listed for the providers that serve it; what Azure serves is its user’s affair', () => {
    expect(catalog.list('azure-openai')).toEqual([]);
    expect(catalog.list('vertex')).toEqual(catalog.list('gemini'));
  });

  it('is a target of the standard aliases where those name it', () => {
    const types = ['openai', 'anthropic', 'gemini'] as const;
    for (const type of types) {
      const targets = STANDARD_ALIASES.flatMap(
        (alias) => standardModel(alias, [providerConfig({ name: type, type })]).targets,
      );
      expect(targets).toHaveLength(STANDARD_ALIASES.length);
      for (const { model } of targets) {
        const entry = catalog.list(type).find((candidate) => candidate.model === model);
        expect([model, entry?.kind, entry?.prices !== null]).toEqual([model, 'chat', true]);
      }
    }
  });

  it('is there in numbers', () => {
    expect(all.length).toBeGreaterThan(150);
  });

  it('has plausible prices, and none is free but the local ones', () => {
    const wrong = all.flatMap((entry) => {
      const lists = [entry.prices, ...entry.tiers.map((tier) => tier.prices)].filter((prices) => prices !== null);
      return lists.flatMap((prices) =>
        Object.entries(prices)
          .filter(([name, price]) => {
            const isFree = entry.vendor === 'local' || entry.kind === 'moderation';
            const mayBeZero = isFree || (entry.kind === 'embedding' && name === 'output');
            const isPlausible = price > 0 && price <= 2000;
            return mayBeZero ? price !== 0 : !isPlausible || (name === 'cachedInput' && price > prices.input);
          })
          .map(([name, price]) => `${entry.model} ${name} ${String(price)}`),
      );
    });
    expect(wrong).toEqual([]);
  });

  it('has a price for what is sold by units', () => {
    expect(catalog.find('openai', 'whisper-1')).toMatchObject({ prices: null, units: { audioInputSecond: 0.0001 } });
    expect(catalog.find('openai', 'dall-e-3')?.units?.images).toMatchObject({ 'hd 1024x1792': 0.12 });
    expect(catalog.find('cohere', 'rerank-v3.5')).toMatchObject({ prices: null, units: { search: 0.002 } });
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
