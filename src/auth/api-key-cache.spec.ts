import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { ApiKeyCache, KEY_CACHE_RENEW_MS, KEY_CACHE_SIZE, KEY_CACHE_TTL_MS, type KnownKey } from './api-key-cache.js';
import { UNLIMITED } from '../core/principal.js';

const KNOWN: KnownKey = {
  principal: { keyId: 'key_1', projectId: 'proj_default', scopes: ['chat'], ...UNLIMITED },
  expiresAt: null,
};

describe('ApiKeyCache', () => {
  let clock: FakeClock;
  let cache: ApiKeyCache;
  const load = jest.fn<() => Promise<KnownKey | null>>();

  beforeEach(() => {
    clock = new FakeClock();
    cache = new ApiKeyCache(clock);
    load.mockReset();
  });

  it.each([
    ['a good key', KNOWN],
    ['no key', null],
  ])('reads %s once within its life, and again after it', async (_name, found) => {
    load.mockResolvedValue(found);
    expect(await cache.find('a', load)).toBe(found);
    await clock.advance(KEY_CACHE_TTL_MS - 1);
    expect(await cache.find('a', load)).toBe(found);
    expect(load).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    await cache.find('a', load);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('lets a revocation elsewhere be felt within five seconds', () => {
    expect(KEY_CACHE_TTL_MS).toBeLessThan(5000);
  });

  it('counts the life from the start of the reading', async () => {
    load.mockImplementationOnce(() => clock.sleep(KEY_CACHE_TTL_MS).then(() => KNOWN)).mockResolvedValue(null);
    const first = cache.find('a', load);
    await clock.advance(KEY_CACHE_TTL_MS);
    expect(await first).toBe(KNOWN);
    expect(await cache.find('a', load)).toBeNull();
  });

  it('shares one reading among all who ask at once', async () => {
    load.mockImplementation(() => clock.sleep(10).then(() => KNOWN));
    const asked = Array.from({ length: 50 }, () => cache.find('a', load));
    await clock.advance(10);
    expect(new Set(await Promise.all(asked))).toEqual(new Set([KNOWN]));
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('does not remember a reading that failed', async () => {
    load.mockRejectedValueOnce(new Error('down')).mockResolvedValue(KNOWN);
    await expect(cache.find('a', load)).rejects.toThrow('down');
    expect(await cache.find('a', load)).toBe(KNOWN);
  });

  it('forgets at once', async () => {
    load.mockResolvedValueOnce(KNOWN).mockResolvedValue(null);
    await cache.find('a', load);
    cache.forget(({ keyId }) => keyId === 'key_1');
    expect(await cache.find('a', load)).toBeNull();
  });

  it('forgets no more than it is told to, but for keys that were not good', async () => {
    load.mockResolvedValueOnce(KNOWN).mockResolvedValueOnce(null).mockResolvedValue(KNOWN);
    await cache.find('good', load);
    await cache.find('bad', load);
    cache.forget(({ keyId }) => keyId === 'key_2');
    expect(cache.peek('good', load)).toBe(KNOWN);
    expect(await cache.find('bad', load)).toBe(KNOWN);
  });

  describe('at once', () => {
    it('knows a good key, and only that', async () => {
      load.mockResolvedValueOnce(KNOWN).mockResolvedValue(null);
      expect(cache.peek('a', load)).toBeNull();
      expect(load).not.toHaveBeenCalled();
      await cache.find('a', load);
      await cache.find('b', load);
      expect(cache.peek('a', load)).toBe(KNOWN);
      expect(cache.peek('b', load)).toBeNull();
      await clock.advance(KEY_CACHE_TTL_MS);
      expect(cache.peek('a', load)).toBeNull();
      expect(load).toHaveBeenCalledTimes(2);
    });

    it('renews a reading that will soon be old, once, without making anybody wait', async () => {
      load.mockResolvedValueOnce(KNOWN);
      await cache.find('a', load);
      await clock.advance(KEY_CACHE_RENEW_MS);
      load.mockImplementation(() => clock.sleep(10).then(() => KNOWN));
      expect([cache.peek('a', load), cache.peek('a', load)]).toEqual([KNOWN, KNOWN]);
      expect(load).toHaveBeenCalledTimes(2);
      await clock.advance(KEY_CACHE_TTL_MS - 1);
      expect(cache.peek('a', load)).toBe(KNOWN);
    });

    it('feels a revocation with the renewal', async () => {
      load.mockResolvedValueOnce(KNOWN).mockResolvedValue(null);
      await cache.find('a', load);
      await clock.advance(KEY_CACHE_RENEW_MS);
      cache.peek('a', load);
      await clock.advance(0);
      expect(cache.peek('a', load)).toBeNull();
    });

    it('believes the old reading while renewals fail, and no longer than its life', async () => {
      load.mockResolvedValueOnce(KNOWN).mockRejectedValue(new Error('down'));
      await cache.find('a', load);
      await clock.advance(KEY_CACHE_RENEW_MS);
      expect(cache.peek('a', load)).toBe(KNOWN);
      await clock.advance(KEY_CACHE_TTL_MS - KEY_CACHE_RENEW_MS);
      expect(cache.peek('a', load)).toBeNull();
      await expect(cache.find('a', load)).rejects.toThrow('down');
    });

    it('gives the same principal while nothing changed', async () => {
      load.mockImplementation(() => Promise.resolve(structuredClone(KNOWN)));
      const first = await cache.find('a', load);
      await clock.advance(KEY_CACHE_TTL_MS);
      await cache.find('a', load);
      expect(cache.peek('a', load)?.principal).toBe(first?.principal);
      load.mockImplementation(() => Promise.resolve({ ...structuredClone(KNOWN), expiresAt: 1 }));
      await clock.advance(KEY_CACHE_TTL_MS);
      await cache.find('a', load);
      expect(cache.peek('a', load)).toEqual({ ...KNOWN, expiresAt: 1 });
      expect(cache.peek('a', load)?.principal).toBe(first?.principal);
      load.mockResolvedValue({ ...KNOWN, principal: { ...KNOWN.principal, scopes: [] } });
      await clock.advance(KEY_CACHE_TTL_MS);
      await cache.find('a', load);
      expect(cache.peek('a', load)?.principal.scopes).toEqual([]);
    });
  });

  it('does not believe a reading that began before it was told to forget', async () => {
    load.mockImplementationOnce(() => clock.sleep(10).then(() => KNOWN)).mockResolvedValue(null);
    const early = cache.find('a', load);
    cache.forget(({ keyId }) => keyId === 'key_1');
    await clock.advance(10);
    await early;
    expect(await cache.find('a', load)).toBeNull();
  });

  it('keeps good keys through any amount of junk', async () => {
    load.mockResolvedValueOnce(KNOWN).mockResolvedValue(null);
    await cache.find('good', load);
    for (let count = 0; count < KEY_CACHE_SIZE + 1; count += 1) await cache.find(`junk${String(count)}`, load);
    const calls = load.mock.calls.length;
    expect(await cache.find('good', load)).toBe(KNOWN);
    expect(load).toHaveBeenCalledTimes(calls);
    await cache.find('junk0', load);
    expect(load).toHaveBeenCalledTimes(calls + 1);
  });
});
