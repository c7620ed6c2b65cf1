import { describe, expect, it } from '@jest/globals';
import type { SemanticCacheConfig } from '../../config/gateway-config.js';
import type { CacheWish } from '../../core/cache-wish.js';
import { Pause } from './pause.js';
import { semanticTermsOf } from './semantic-terms.js';

const CONFIG: SemanticCacheConfig = { use: 'always', ttlMs: 60_000, threshold: 0.9, wording: null };
const ALL = { canRead: true, canStore: true, ttlMs: 60_000, threshold: 0.9, wording: null };

describe('semanticTermsOf', () => {
  it.each<[string, SemanticCacheConfig['use'], CacheWish | null, object | null]>([
    ['always', 'always', null, ALL],
    ['declined', 'always', { semantic: false }, null],
    ['not asked for', 'on_request', null, null],
    ['asked for', 'on_request', { semantic: true }, ALL],
    ['asked for in vain', 'never', { semantic: true }, null],
    ['a new answer', 'always', { noRead: true }, { ...ALL, canRead: false }],
    ['nothing kept', 'always', { noStore: true }, { ...ALL, canStore: false }],
    ['neither', 'always', { noRead: true, noStore: true }, null],
    ['a shorter life', 'always', { ttlMs: 1_000 }, { ...ALL, ttlMs: 1_000 }],
    ['no longer life', 'always', { ttlMs: 1e9 }, ALL],
    ['no life', 'always', { ttlMs: 0 }, null],
    ['a shorter life alone, which asks for the exact cache', 'on_request', { ttlMs: 1_000 }, null],
  ])('%s', (_name, use, wish, expected) => {
    expect(semanticTermsOf({ ...CONFIG, use }, wish)).toEqual(expected);
  });
});

describe(Pause.name, () => {
  it('begins with the third failure in a row, and again with the first one behind it', () => {
    const pause = new Pause();
    expect([pause.failed(0), pause.failed(1), pause.isOn(1)]).toEqual([false, false, false]);
    pause.succeeded();
    expect([pause.failed(2), pause.failed(3), pause.failed(4)]).toEqual([false, false, true]);
    expect([pause.isOn(5), pause.isOn(30_003), pause.isOn(30_004)]).toEqual([true, true, false]);
    expect([pause.failed(30_005), pause.isOn(30_006)]).toEqual([true, true]);
    pause.succeeded();
    expect([pause.failed(70_000), pause.isOn(70_000)]).toEqual([false, false]);
  });

  it('is not made longer by failures that were under way when it began', () => {
    const pause = new Pause();
    for (const atMs of [0, 1, 2]) pause.failed(atMs);
    expect(pause.failed(10_000)).toBe(false);
    expect(pause.isOn(30_002)).toBe(false);
  });
});
