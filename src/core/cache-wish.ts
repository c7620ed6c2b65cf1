/** What a request says about our response caches; undefined and false leave it to the configuration. */
export interface CacheWish {
  /** The body's own word: whether a kept answer to the same request will do. */
  readonly exact?: boolean;
  /** The body's own word: whether a kept answer to a request of the same meaning will do. */
  readonly semantic?: boolean;
  /** `Cache-Control: no-cache`: only a new answer will do; it may be kept. */
  readonly noRead?: boolean;
  /** `Cache-Control: no-store`: a kept answer will do, and a new one is not kept. */
  readonly noStore?: boolean;
  /** `x-trunkline-cache-ttl`: the age in milliseconds up to which an answer will do, and is kept. */
  readonly ttlMs?: number;
}

/** Where an answer came from, as the header `x-trunkline-cache` says it. */
export type CacheStatus = 'hit' | 'miss' | 'bypass' | `semantic; similarity=${string}`;

const SECONDS = /^\d{1,9}$/;
const LIST = /\s*,\s*/;

/** The wish that two request headers express; null when they say nothing. Values that are not valid are ignored. */
export function readCacheWish(
  control: string | undefined,
  ttlSeconds: string | string[] | undefined,
): CacheWish | null {
  if (control === undefined && ttlSeconds === undefined) return null;
  const words = control === undefined ? [] : control.trim().toLowerCase().split(LIST);
  const wish: CacheWish = {
    ...(words.includes('no-cache') && { noRead: true }),
    ...(words.includes('no-store') && { noStore: true }),
    ...(typeof ttlSeconds === 'string' && SECONDS.test(ttlSeconds) && { ttlMs: Number(ttlSeconds) * 1_000 }),
  };
  return Object.keys(wish).length === 0 ? null : wish;
}

/** The wish of the headers with what the body says about it. */
export function withBodyWish(
  wish: CacheWish | null,
  { exact, semantic }: Pick<CacheWish, 'exact' | 'semantic'>,
): CacheWish | null {
  if (exact === undefined && semantic === undefined) return wish;
  return { ...wish, ...(exact !== undefined && { exact }), ...(semantic !== undefined && { semantic }) };
}

/** Whether an answer with this status was read from a cache. */
export function isFromCache(status: CacheStatus | null): boolean {
  return status !== null && status !== 'miss' && status !== 'bypass';
}
