import type { CatalogEntry } from '../../src/providers/catalog/catalog-entry.js';

const NONE: CatalogEntry['capabilities'] = {
  ...{ streaming: false, tools: false, vision: false, jsonSchema: false, reasoning: false, promptCaching: false },
  assistantPrefill: false,
};

type Billed = Pick<CatalogEntry, 'prices' | 'units'>;

function medium(
  vendor: CatalogEntry['vendor'],
  model: string,
  kind: CatalogEntry['kind'],
  billed: Billed,
): CatalogEntry {
  return {
    ...{ vendor, model, kind, contextWindow: null, maxOutputTokens: null, dimensions: null },
    ...billed,
    tiers: [],
    capabilities: NONE,
  };
}

// What the vendors' price pages say of models that make images and sound, hear, judge and rank.
function mediaModels(): CatalogEntry[] {
  return [
    medium('openai', 'dall-e-2', 'image', {
      prices: null,
      units: { image: 0.02, images: { '256x256': 0.016, '512x512': 0.018, '1024x1024': 0.02 } },
    }),
    medium('openai', 'dall-e-3', 'image', {
      prices: null,
      units: {
        image: 0.12,
        images: {
          ...{ 'standard 1024x1024': 0.04, 'standard 1024x1792': 0.08, 'standard 1792x1024': 0.08 },
          ...{ 'hd 1024x1024': 0.08, 'hd 1024x1792': 0.12, 'hd 1792x1024': 0.12 },
        },
      },
    }),
    medium('openai', 'tts-1', 'speech', { prices: null, units: { character: 0.000015 } }),
    medium('openai', 'tts-1-hd', 'speech', { prices: null, units: { character: 0.00003 } }),
    // The file has this one's text dearer than it is, and a price by the second besides.
    ...['gpt-4o-mini-tts', 'gpt-4o-mini-tts-2025-03-20', 'gpt-4o-mini-tts-2025-12-15'].map((model) =>
      medium('openai', model, 'speech', { prices: { input: 0.6, output: 12, audioOutput: 12 } }),
    ),
    medium('openai', 'whisper-1', 'transcription', { prices: null, units: { audioInputSecond: 0.0001 } }),
    ...['omni-moderation-latest', 'omni-moderation-2024-09-26', 'text-moderation-latest'].map((model) =>
      medium('openai', model, 'moderation', { prices: { input: 0, output: 0 } }),
    ),
    ...['rerank-v3.5', 'rerank-english-v3.0', 'rerank-multilingual-v3.0'].map((model) =>
      medium('cohere', model, 'rerank', { prices: null, units: { search: 0.002 } }),
    ),
    ...[
      ['rerank-2.5', 0.05] as const,
      ['rerank-2.5-lite', 0.02] as const,
      ['rerank-2', 0.05] as const,
      ['rerank-2-lite', 0.02] as const,
    ].map(([model, input]) => medium('voyage', model, 'rerank', { prices: { input, output: input } })),
  ];
}

function embedding(vendor: CatalogEntry['vendor'], model: string, dimensions: number, usd: number): CatalogEntry {
  return {
    vendor,
    model,
    kind: 'embedding',
    contextWindow: vendor === 'openai' ? 8192 : null,
    maxOutputTokens: null,
    dimensions,
    prices: { input: usd, output: 0 },
    tiers: [],
    capabilities: NONE,
  };
}

/** What the price file does not know, or not for long: they take the place of its entries. */
export const ADDITIONS: CatalogEntry[] = [
  ...mediaModels(),
  {
    vendor: 'gemini',
    model: 'gemini-3.8-flash',
    kind: 'chat',
    contextWindow: 1_048_576,
    maxOutputTokens: 65_536,
    dimensions: null,
    // Half of it until the end of 2026. The price that lasts is taken, so that no budget is passed unseen.
    prices: { input: 1.5, output: 7.5, cachedInput: 0.15 },
    tiers: [],
    capabilities: {
      streaming: true,
      tools: true,
      vision: true,
      jsonSchema: true,
      reasoning: true,
      promptCaching: true,
      assistantPrefill: false,
    },
  },
  embedding('openai', 'text-embedding-3-small', 1536, 0.02),
  embedding('openai', 'text-embedding-3-large', 3072, 0.13),
  embedding('openai', 'text-embedding-ada-002', 1536, 0.1),
  embedding('local', 'lexical-384', 384, 0),
  {
    vendor: 'local',
    model: 'extractive',
    kind: 'chat',
    contextWindow: null,
    maxOutputTokens: null,
    dimensions: null,
    prices: { input: 0, output: 0 },
    tiers: [],
    // It writes, and nothing else.
    capabilities: { ...NONE, streaming: true },
  },
];
