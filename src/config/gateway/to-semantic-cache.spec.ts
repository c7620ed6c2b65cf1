import { describe, expect, it } from '@jest/globals';
import { checkModelsFile } from './check-models-file.js';
import type { ModelsFile } from './models-file.js';
import { toSemanticCache, toSemanticCaches } from './to-semantic-cache.js';
import { validateModelsFile } from './validate-models-file.js';

const USUAL = {
  use: 'on_request',
  ttlMs: 3_600_000,
  threshold: 0.95,
  wording: null,
  embeddingModel: null,
  maxEntries: 10_000,
  timeoutMs: 1_000,
};

describe('the semantic cache in the models file', () => {
  it('is for requests that ask, unless the file says otherwise', () => {
    expect(toSemanticCaches(undefined)).toEqual(USUAL);
    const entry = { use: 'always', ttl_seconds: 60, threshold: 0.9, wording: 'same', embedding_model: 'e/m' } as const;
    expect(toSemanticCaches({ ...entry, max_entries: 5, timeout_ms: 50 })).toEqual({
      ...{ use: 'always', ttlMs: 60_000, threshold: 0.9, wording: 'same', embeddingModel: 'e/m' },
      ...{ maxEntries: 5, timeoutMs: 50 },
    });
  });

  it('is used for every request of a model that mentions it, which says what differs', () => {
    const all = toSemanticCaches({ threshold: 0.9, wording: 'free' });
    expect(toSemanticCache(undefined, all)).toBeNull();
    expect(toSemanticCache({}, all)).toEqual({ use: 'always', ttlMs: 3_600_000, threshold: 0.9, wording: 'free' });
    expect(toSemanticCache({ use: 'never', threshold: 0.99, wording: 'same', ttl_seconds: 1 }, all)).toEqual({
      ...{ use: 'never', ttlMs: 1_000, threshold: 0.99, wording: 'same' },
    });
  });

  it.each<[string, object, string]>([
    ['no similarity at all', { threshold: 0 }, 'must be more than 0'],
    ['more than the same', { threshold: 1.1 }, 'must be at most 1'],
    ['no room', { max_entries: 0 }, 'must be at least 1'],
    ['a word that is none', { wording: 'any' }, 'must be one of same, free'],
    ['an unknown key', { similarity: 0.9 }, 'is not a known key'],
  ])('is refused with %s', (_name, semantic, message) => {
    const { problems } = validateModelsFile({ caches: { semantic } });
    expect(problems.map((problem) => problem.message).join()).toContain(message);
  });

  it('is refused with an embedding model that nobody has, and for embeddings', () => {
    const file: ModelsFile = {
      models: { vectors: { targets: ['local/lexical-384'], caches: { semantic: {} } } },
      caches: { semantic: { embedding_model: 'nobody/x' } },
    };
    expect(checkModelsFile(file, ['local'])).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: ['caches', 'semantic', 'embedding_model'] }),
        expect.objectContaining({ path: ['models', 'vectors', 'caches', 'semantic'] }),
      ]),
    );
  });
});
