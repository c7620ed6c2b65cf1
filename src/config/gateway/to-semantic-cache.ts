import type { CachesConfig, SemanticCacheConfig } from '../gateway-config.js';
import type { ModelsFile, SemanticCacheEntry } from './models-file.js';

const SECOND_MS = 1_000;
const USUAL = { use: 'on_request', ttl_seconds: 3_600, threshold: 0.95 } as const;
const MOST_ENTRIES = 10_000;
const LOOK_UP_MS = 1_000;

/** What the file says of the semantic cache for all models; who says nothing has it for requests that ask. */
export function toSemanticCaches(entry: NonNullable<ModelsFile['caches']>['semantic']): CachesConfig['semantic'] {
  const { use, ttl_seconds: ttlSeconds, threshold, wording } = { ...USUAL, ...entry };
  return {
    use,
    ttlMs: ttlSeconds * SECOND_MS,
    threshold,
    wording: wording ?? null,
    embeddingModel: entry?.embedding_model ?? null,
    maxEntries: entry?.max_entries ?? MOST_ENTRIES,
    timeoutMs: entry?.timeout_ms ?? LOOK_UP_MS,
  };
}

/** What a model says of the semantic cache: whoever mentions it wants it, unless it says otherwise. */
export function toSemanticCache(
  entry: SemanticCacheEntry | undefined,
  all: CachesConfig['semantic'],
): SemanticCacheConfig | null {
  if (!entry) return null;
  return {
    use: entry.use ?? 'always',
    ttlMs: entry.ttl_seconds === undefined ? all.ttlMs : entry.ttl_seconds * SECOND_MS,
    threshold: entry.threshold ?? all.threshold,
    wording: entry.wording ?? all.wording,
  };
}
