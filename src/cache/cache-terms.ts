import type { CacheUse, ExactCacheConfig, GatewayConfig } from '../config/gateway-config.js';
import type { CacheWish } from '../core/cache-wish.js';

/** What a request may do with the exact cache. */
export interface CacheTerms {
  readonly canRead: boolean;
  readonly canStore: boolean;
  /** The age up to which an answer will do, and for how long a new one is kept: milliseconds. */
  readonly ttlMs: number;
}

/** What each model's configuration says of the exact cache. */
export class ExactCacheTerms {
  readonly #usual: ExactCacheConfig;
  readonly #models: ReadonlyMap<string, ExactCacheConfig>;

  constructor({ caches, models }: GatewayConfig) {
    this.#usual = caches.exact;
    this.#models = new Map(models.flatMap(({ name, exactCache }) => (exactCache ? [[name, exactCache] as const] : [])));
  }

  /** Null when the cache has nothing to do with a request for the model. */
  of(model: string, wish: CacheWish | null): CacheTerms | null {
    return cacheTermsOf(this.#models.get(model) ?? this.#usual, wish);
  }
}

/** What the configuration and the request come to together; null when the cache has nothing to do with the request. */
export function cacheTermsOf({ use, ttlMs }: ExactCacheConfig, wish: CacheWish | null): CacheTerms | null {
  if (use === 'never') return null;
  if (wish !== null) return wishedTerms(use, ttlMs, wish);
  return use === 'always' ? { canRead: true, canStore: true, ttlMs } : null;
}

function wishedTerms(use: CacheUse, mostMs: number, wish: CacheWish): CacheTerms | null {
  const isWanted = wish.exact ?? (use === 'always' || wish.ttlMs !== undefined);
  const ttlMs = Math.min(mostMs, wish.ttlMs ?? Infinity);
  const canRead = wish.noRead !== true;
  const canStore = wish.noStore !== true;
  return isWanted && ttlMs > 0 && (canRead || canStore) ? { canRead, canStore, ttlMs } : null;
}
