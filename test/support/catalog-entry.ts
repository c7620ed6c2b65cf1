import type { CatalogEntry, ModelCapabilities } from '../../src/providers/catalog/catalog-entry.js';

/** An entry of the catalogue: a chat model of no vendor that can only talk, and of which nothing else is known. */
export function catalogEntry(
  overrides: Omit<Partial<CatalogEntry>, 'capabilities'> & { capabilities?: Partial<ModelCapabilities> } = {},
): CatalogEntry {
  return {
    vendor: 'other',
    model: 'm',
    kind: 'chat',
    contextWindow: null,
    maxOutputTokens: null,
    dimensions: null,
    prices: null,
    tiers: [],
    ...overrides,
    capabilities: {
      streaming: true,
      tools: false,
      vision: false,
      jsonSchema: false,
      reasoning: false,
      promptCaching: false,
      assistantPrefill: false,
      ...overrides.capabilities,
    },
  };
}
