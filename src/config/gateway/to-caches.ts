import type { CachesConfig, ExactCacheConfig, ModelConfig } from '../gateway-config.js';
import type { ExactCacheEntry, ModelEntry, ModelsFile } from './models-file.js';
import { toSemanticCache, toSemanticCaches } from './to-semantic-cache.js';

const SECOND_MS = 1_000;
const USUAL_TTL_SECONDS = 3_600;
const MEMORY_BYTES = 64 * 1024 * 1024;
const ANSWER_BYTES = 1024 * 1024;

/** What the file says of caches for all models; who says nothing has them for requests that ask. */
export function toCaches(entry: ModelsFile['caches']): CachesConfig {
  const exact = entry?.exact ?? {};
  return {
    exact: {
      use: exact.use ?? 'on_request',
      ttlMs: (exact.ttl_seconds ?? USUAL_TTL_SECONDS) * SECOND_MS,
      maxBytes: exact.max_bytes ?? MEMORY_BYTES,
      maxAnswerBytes: exact.max_answer_bytes ?? ANSWER_BYTES,
    },
    semantic: toSemanticCaches(entry?.semantic),
  };
}

/** What a model says of its caches. */
export function toModelCaches(
  { exact, semantic }: NonNullable<ModelEntry['caches']>,
  all: CachesConfig,
): Pick<ModelConfig, 'exactCache' | 'semanticCache'> {
  return { exactCache: toExactCache(exact, all.exact), semanticCache: toSemanticCache(semantic, all.semantic) };
}

// Whoever mentions it wants it, unless it says otherwise.
function toExactCache(entry: ExactCacheEntry | undefined, all: CachesConfig['exact']): ExactCacheConfig | null {
  if (!entry) return null;
  const ttlMs = entry.ttl_seconds === undefined ? all.ttlMs : entry.ttl_seconds * SECOND_MS;
  return { use: entry.use ?? 'always', ttlMs };
}
