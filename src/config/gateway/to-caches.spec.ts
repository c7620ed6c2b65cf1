import { describe, expect, it } from '@jest/globals';
import { toCaches, toModelCaches } from './to-caches.js';

describe('toCaches', () => {
  it('leaves it to requests where the file says nothing', () => {
    const usual = { use: 'on_request', ttlMs: 3_600_000, maxBytes: 67_108_864, maxAnswerBytes: 1_048_576 };
    expect(toCaches(null).exact).toEqual(usual);
    expect(toCaches({ exact: { use: 'never', max_bytes: 0 } }).exact).toEqual({ ...usual, use: 'never', maxBytes: 0 });
  });
});

describe('toModelCaches', () => {
  const all = toCaches({ exact: { ttl_seconds: 60 } });

  it.each([
    [undefined, null],
    [{}, { use: 'always', ttlMs: 60_000 }],
    [{ ttl_seconds: 5 }, { use: 'always', ttlMs: 5_000 }],
    [{ use: 'never' as const }, { use: 'never', ttlMs: 60_000 }],
  ])('a model that says %j', (exact, expected) => {
    expect(toModelCaches({ exact }, all).exactCache).toEqual(expected);
  });
});
