import type { SemanticCacheConfig } from '../../config/gateway-config.js';
import type { CacheWish } from '../../core/cache-wish.js';

/** What a request may do with the semantic cache. */
export interface SemanticTerms {
  readonly canRead: boolean;
  readonly canStore: boolean;
  /** The age up to which an answer will do, and for how long a new one is kept: milliseconds. */
  readonly ttlMs: number;
  readonly threshold: number;
  readonly wording: SemanticCacheConfig['wording'];
}

/** What the configuration and the request come to together; null when the cache has nothing to do with the request. */
export function semanticTermsOf(config: SemanticCacheConfig, wish: CacheWish | null): SemanticTerms | null {
  if (!isWanted(config, wish)) return null;
  const { threshold, wording } = config;
  const { noRead = false, noStore = false, ttlMs: wishedMs = Infinity } = wish ?? {};
  const ttlMs = Math.min(config.ttlMs, wishedMs);
  if (ttlMs <= 0 || (noRead && noStore)) return null;
  return { canRead: !noRead, canStore: !noStore, ttlMs, threshold, wording };
}

function isWanted({ use }: SemanticCacheConfig, wish: CacheWish | null): boolean {
  if (use === 'never' || wish?.semantic === false) return false;
  return use === 'always' || wish?.semantic === true;
}
