import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { ApiKeyCache, KEY_CACHE_SIZE, KEY_CACHE_TTL_MS, type KnownKey } from './api-key-cache.js';
import { UNLIMITED } from '../core/principal.js';

const KNOWN: KnownKey = { principal: { keyId: 'key_1', projectId: 'proj_default', scopes: ['chat'], ...UNLIMITED }, expiresAt: null };

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
    cache.forget('a');
    expect(await cache.find('a', load)).toBeNull();
  });

  it('does not believe a reading that began before it was told to forget', async () => {
    load.mockImplementationOnce(() => clock.sleep(10).then(() => KNOWN)).mockResolvedValue(null);
    const early = cache.find('a', load);
    cache.forget('a');
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
