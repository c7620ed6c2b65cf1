import { describe, expect, it } from '@jest/globals';
import { type CacheStatus, type CacheWish, isFromCache, readCacheWish, withBodyWish } from './cache-wish.js';

describe('readCacheWish', () => {
  it.each<[string | undefined, string | undefined, CacheWish | null]>([
    [undefined, undefined, null],
    ['max-age=0', undefined, null],
    ['no-cache', undefined, { noRead: true }],
    [' No-Store ,max-age=3', undefined, { noStore: true }],
    ['no-cache,no-store', '60', { noRead: true, noStore: true, ttlMs: 60_000 }],
    [undefined, '0', { ttlMs: 0 }],
    [undefined, '-1', null],
    [undefined, '1.5', null],
    [undefined, '12345678901', null],
    ['x-no-cache', 'soon', null],
  ])('%j and %j', (control, ttl, expected) => {
    expect(readCacheWish(control, ttl)).toEqual(expected);
  });
});

describe('withBodyWish', () => {
  it('adds what the body says, and only that', () => {
    const wish = { noRead: true };
    expect(withBodyWish(wish, {})).toBe(wish);
    expect(withBodyWish(null, {})).toBeNull();
    expect(withBodyWish(wish, { exact: false })).toEqual({ noRead: true, exact: false });
    expect(withBodyWish(null, { exact: true, semantic: false })).toEqual({ exact: true, semantic: false });
  });
});

describe('isFromCache', () => {
  it.each<[CacheStatus | null, boolean]>([
    [null, false],
    ['miss', false],
    ['bypass', false],
    ['hit', true],
    ['semantic; similarity=0.97', true],
  ])('%s', (status, expected) => {
    expect(isFromCache(status)).toBe(expected);
  });
});
