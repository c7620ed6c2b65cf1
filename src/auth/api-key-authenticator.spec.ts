import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import type { AppError } from '../core/errors/app-error.js';
import { type Principal, UNLIMITED } from '../core/principal.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { ApiKeyCache, KEY_CACHE_TTL_MS, type KnownKey } from './api-key-cache.js';
import type { ApiKeyStore } from './api-key.store.js';
import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';
import { CredentialFinder } from './credential-finder.js';
import { FailedAuthenticationThrottle } from './failed-authentication-throttle.js';
import type { JwtAuthenticator } from './jwt/jwt-authenticator.js';
import { digestKey, issueKey } from './key-format.js';

const HOME = '192.0.2.1';
const AWAY = '192.0.2.2';
const GOOD = issueKey();
const PRESET = 'tl_a-preset-that-looks-like-a-key';
const FOREIGN = 'some-other-replicas-preset';
const PRINCIPAL: Principal = { keyId: GOOD.id, projectId: 'proj_default', scopes: ['chat'], ...UNLIMITED };

/** A table of keys that counts how often it is asked. */
class FakeStore {
  readonly rows = new Map<string, KnownKey>();
  readonly asked: (string | null)[] = [];
  isDown = false;

  add(key: string, expiresAt: number | null = null): void {
    this.rows.set(digestKey(Buffer.from(key)).toString('hex'), { principal: PRINCIPAL, expiresAt });
  }

  findUsable(id: string | null, digest: Buffer): Promise<KnownKey | null> {
    this.asked.push(id);
    if (this.isDown) return Promise.reject(new Error('connection to 10.0.0.1 refused'));
    return Promise.resolve(this.rows.get(digest.toString('hex')) ?? null);
  }
}

describe('ApiKeyAuthenticator', () => {
  let clock: FakeClock;
  let store: FakeStore;
  let authenticator: ApiKeyAuthenticator;

  beforeEach(() => {
    clock = new FakeClock();
    store = new FakeStore();
    store.add(GOOD.key);
    const throttle = new FailedAuthenticationThrottle(new BoundedThrottlerStorage(clock), clock, {
      failures: 3,
      windowMs: 60_000,
    });
    const cache = new ApiKeyCache(clock);
    const tokens = { isToken: () => false } as unknown as JwtAuthenticator;
    const credentials = new CredentialFinder(store as unknown as ApiKeyStore, tokens, {
      adminKey: PRESET,
      jwt: null,
      auditRetentionDays: 1,
    });
    authenticator = new ApiKeyAuthenticator(credentials, cache, throttle, clock);
  });

  async function codeOf(key: string, address = HOME): Promise<string> {
    try {
      await authenticator.authenticate(key, address);
      return 'accepted';
    } catch (error) {
      return (error as AppError).code;
    }
  }

  it('accepts a good key, looked up by its id', async () => {
    expect(await authenticator.authenticate(GOOD.key, HOME)).toEqual(PRINCIPAL);
    expect(store.asked).toEqual([GOOD.id]);
  });

  it('answers without a promise for a key that was good a moment ago, until it expires', async () => {
    store.add(GOOD.key, clock.monotonic() + 1000);
    const first = authenticator.authenticate(GOOD.key, HOME);
    expect(first).toBeInstanceOf(Promise);
    expect(authenticator.authenticate(GOOD.key, AWAY)).toBeInstanceOf(Promise);
    await first;
    expect(authenticator.authenticate(GOOD.key, AWAY)).toEqual(PRINCIPAL);
    await clock.advance(1000);
    await expect(authenticator.authenticate(GOOD.key, AWAY)).rejects.toMatchObject({ code: 'invalid_api_key' });
  });

  it.each([
    ['a wrong checksum', `${GOOD.key.slice(0, -1)}${GOOD.key.endsWith('0') ? '1' : '0'}`, 0],
    ['the prefix and junk', "tl_'; drop table api_key; --", 0],
    ['an unknown key of our form', issueKey().key, 1],
    ['a key of another form', FOREIGN, 1],
    ['the id of a good key', GOOD.id, 1],
  ])('refuses %s with %s after so many look-ups', async (_name, key, lookups) => {
    expect(await codeOf(key)).toBe('invalid_api_key');
    expect(store.asked).toHaveLength(lookups);
  });

  it.each([
    ['this replica was given', PRESET],
    ['another replica was given', FOREIGN],
  ])('looks the preset that %s up by its hash', async (_name, key) => {
    store.add(key);
    expect(await codeOf(key)).toBe('accepted');
    expect(store.asked).toEqual([null]);
  });

  it('compares a preset by the bytes that the client sent', async () => {
    store.add('schlüssel-für-den-betrieb');
    const sent = Buffer.from('schlüssel-für-den-betrieb').toString('latin1');
    expect(await codeOf(sent)).toBe('accepted');
  });

  it('refuses a key from the moment it expires, though it was read before', async () => {
    store.add(GOOD.key, clock.monotonic() + 1000);
    expect(await codeOf(GOOD.key)).toBe('accepted');
    await clock.advance(1000);
    expect(await codeOf(GOOD.key)).toBe('invalid_api_key');
    expect(store.asked).toHaveLength(1);
  });

  it('feels a revocation made elsewhere when the reading is old', async () => {
    expect(await codeOf(GOOD.key)).toBe('accepted');
    store.rows.clear();
    await clock.advance(KEY_CACHE_TTL_MS);
    expect(await codeOf(GOOD.key)).toBe('invalid_api_key');
  });

  it('says that the database is away without saying where it was', async () => {
    store.isDown = true;
    await expect(authenticator.authenticate(GOOD.key, HOME)).rejects.toMatchObject({
      code: 'dependency_unavailable',
      message: expect.not.stringContaining('10.0.0.1'),
    });
    store.isDown = false;
    expect(await codeOf(GOOD.key)).toBe('accepted');
  });

  describe('when too many refused keys came from an address', () => {
    beforeEach(async () => {
      await codeOf(GOOD.key);
      for (let count = 0; count < 4; count += 1) await codeOf(issueKey().key);
      store.asked.length = 0;
    });

    it('refuses keys from there without a look-up', async () => {
      expect(await codeOf(issueKey().key)).toBe('too_many_auth_failures');
      expect(await codeOf('tl_junk')).toBe('too_many_auth_failures');
      expect(store.asked).toEqual([]);
    });

    it('still takes a key that was good before, also when it has to be read again', async () => {
      await clock.advance(KEY_CACHE_TTL_MS);
      expect(await codeOf(GOOD.key)).toBe('accepted');
    });

    it('takes keys from elsewhere', async () => {
      const fresh = issueKey().key;
      store.add(fresh);
      expect(await codeOf(fresh, HOME)).toBe('too_many_auth_failures');
      expect(await codeOf(fresh, AWAY)).toBe('accepted');
    });
  });
});
