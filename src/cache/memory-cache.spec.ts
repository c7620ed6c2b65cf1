import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { MemoryCache } from './memory-cache.js';

const TTL = { ttlMs: 1_000 };

describe(MemoryCache.name, () => {
  it('never takes more than its bytes, and forgets what was asked for longest ago', async () => {
    const cache = new MemoryCache(10_000, new FakeClock());
    for (let index = 0; index < 100; index += 1) {
      await cache.set(`k${String(index)}`, Buffer.alloc(1_000), TTL);
      await cache.get('k0');
      expect(cache.bytes).toBeLessThanOrEqual(10_000);
    }
    expect(await cache.get('k0')).toHaveLength(1_000);
    expect(await cache.get('k99')).toHaveLength(1_000);
    expect(await cache.get('k50')).toBeNull();
    await cache.set('huge', Buffer.alloc(20_000), TTL);
    expect(await cache.get('huge')).toBeNull();
    expect(await cache.get('k0')).toHaveLength(1_000);
  });

  it('forgets when the time is over, by the clock', async () => {
    const clock = new FakeClock();
    const cache = new MemoryCache(10_000, clock);
    await cache.set('a', Buffer.from('1'), TTL);
    await cache.set('b', Buffer.from('2'), { ttlMs: 0 });
    await clock.advance(999);
    expect([await cache.get('a'), await cache.get('b')]).toEqual([Buffer.from('1'), null]);
    await clock.advance(2);
    expect(await cache.get('a')).toBeNull();
  });

  it('keeps no more memory alive than it counts', async () => {
    const cache = new MemoryCache(10_000, new FakeClock());
    const pooled = Buffer.from('a'.repeat(300));
    expect(pooled.buffer.byteLength).toBeGreaterThan(300);
    await cache.set('a', pooled, TTL);
    const kept = await cache.get('a');
    expect([kept, kept?.buffer.byteLength]).toEqual([pooled, 300]);
  });

  it('may keep nothing', async () => {
    const cache = new MemoryCache(0, new FakeClock());
    await cache.set('a', Buffer.from('1'), TTL);
    await cache.delete('a');
    expect([await cache.get('a'), cache.bytes]).toEqual([null, 0]);
  });
});
