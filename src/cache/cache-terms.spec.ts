import { describe, expect, it } from '@jest/globals';
import type { CacheUse } from '../config/gateway-config.js';
import type { CacheWish } from '../core/cache-wish.js';
import { cacheTermsOf } from './cache-terms.js';

const BOTH = { canRead: true, canStore: true, ttlMs: 1_000 };

describe('cacheTermsOf', () => {
  it.each<[CacheUse, CacheWish | null, object | null]>([
    ['always', null, BOTH],
    ['always', { semantic: true }, BOTH],
    ['always', { exact: false }, null],
    ['always', { noRead: true }, { ...BOTH, canRead: false }],
    ['always', { noStore: true }, { ...BOTH, canStore: false }],
    ['always', { noRead: true, noStore: true }, null],
    ['always', { ttlMs: 10 }, { ...BOTH, ttlMs: 10 }],
    ['always', { ttlMs: 5_000 }, BOTH],
    ['always', { ttlMs: 0 }, null],
    ['on_request', null, null],
    ['on_request', { noStore: true }, null],
    ['on_request', { exact: true }, BOTH],
    ['on_request', { ttlMs: 20 }, { ...BOTH, ttlMs: 20 }],
    ['on_request', { ttlMs: 20, exact: false }, null],
    ['never', { exact: true, ttlMs: 20 }, null],
  ])('%s with %j', (use, wish, expected) => {
    expect(cacheTermsOf({ use, ttlMs: 1_000 }, wish)).toEqual(expected);
  });
});
