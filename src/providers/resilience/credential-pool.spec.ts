import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { type Credential, CredentialPool } from './credential-pool.js';

function setUp(...keys: string[]) {
  const clock = new FakeClock();
  const blocked: string[] = [];
  const pool = new CredentialPool(keys, clock, (reason) => blocked.push(reason));
  const pick = (model = 'x'): Credential => {
    const credential = pool.pick(model);
    if (!credential) throw new Error('no credential');
    return credential;
  };
  return { clock, pool, pick, blocked };
}

describe('CredentialPool', () => {
  it('uses the keys in turn and hides them behind a hash', () => {
    const { pick } = setUp('one', 'two');
    expect([pick(), pick(), pick()].map((credential) => credential.apiKey)).toEqual(['one', 'two', 'one']);
    expect(pick().id).toMatch(/^[0-9a-f]{12}$/);
  });

  it('has one nameless credential when there are no keys', () => {
    expect(setUp().pick()).toEqual({ id: null, apiKey: null });
  });

  it('rests a key after a 429 for that model only, as long as asked', async () => {
    const { clock, pool, pick } = setUp('one');
    pool.coolDown(pick(), 'x', 4_000);
    expect(pool.pick('x')).toBeNull();
    expect(pool.pick('y')).not.toBeNull();
    expect(pool.blockage('x')).toEqual({ reason: 'rate-limited', retryAfterMs: 4_000 });
    await clock.advance(4_000);
    expect(pool.pick('x')).not.toBeNull();
    expect(pool.pick('x')).not.toBeNull();
  });

  it.each([
    [undefined, 1_000],
    [0, 1_000],
    [3_600_000, 60_000],
  ])('rests after a retry-after of %s for %i ms', (retryAfterMs, expected) => {
    const { pool, pick } = setUp('one');
    pool.coolDown(pick(), 'x', retryAfterMs);
    expect(pool.blockage('x')?.retryAfterMs).toBe(expected);
  });

  it('does not end a rest because an older request succeeded', () => {
    const { pool, pick } = setUp('one');
    const credential = pick();
    pool.coolDown(credential, 'x', 4_000);
    pool.succeeded(credential, 'x');
    expect(pool.hasUsable('x')).toBe(false);
  });

  it('disables a key everywhere, probes it once after 60 s, then after twice as long, up to 10 minutes', async () => {
    const { clock, pool, pick, blocked } = setUp('one');
    pool.disable(pick(), 'x', 'authentication');
    for (const pauseMs of [60_000, 120_000, 240_000, 480_000, 600_000, 600_000]) {
      await clock.advance(pauseMs - 1);
      expect(pool.pick('y')).toBeNull();
      await clock.advance(1);
      const probe = pick();
      expect(pool.pick('y')).toBeNull();
      pool.disable(probe, 'x', 'authentication');
    }
    expect(blocked).toHaveLength(7);
  });

  it('is not made worse by requests that were under way', () => {
    const { pool, pick } = setUp('one');
    const credential = pick();
    pool.disable(credential, 'x', 'authentication');
    pool.disable(credential, 'x', 'authentication');
    expect(pool.blockage('x')?.retryAfterMs).toBe(60_000);
  });

  it('takes a key back after a probe that succeeded, and probes again after one that told nothing', async () => {
    const { clock, pool, pick } = setUp('one');
    pool.disable(pick(), 'x', 'quota-exhausted');
    await clock.advance(60_000);
    pool.released(pick(), 'x');
    const second = pick();
    expect(pool.hasUsable('x')).toBe(false);
    pool.succeeded(second, 'x');
    expect(pool.countUsable('x')).toBe(1);
  });

  it('probes again when a probe of one block met the other', async () => {
    const { clock, pool, pick } = setUp('one');
    pool.disable(pick(), 'x', 'authentication');
    await clock.advance(60_000);
    // The key is known again, but not for this model.
    pool.forbid(pick(), 'x');
    expect(pool.hasUsable('y')).toBe(true);
    await clock.advance(60_000);
    pool.disable(pick(), 'x', 'authentication');
    await clock.advance(120_000);
    pool.succeeded(pick(), 'x');
    expect([pool.hasUsable('x'), pool.hasUsable('y')]).toEqual([true, true]);
  });

  it('refuses a forbidden key for one model only', () => {
    const { pool, pick } = setUp('one');
    pool.forbid(pick(), 'x');
    expect(pool.blockage('x')?.reason).toBe('permission');
    expect(pool.hasUsable('y')).toBe(true);
  });

  it('passes over excluded and blocked keys', () => {
    const { pool, pick } = setUp('one', 'two', 'three');
    const first = pick();
    pool.disable(pick(), 'x', 'authentication');
    expect(pool.pick('x', new Set([first]))?.apiKey).toBe('three');
    expect(pool.blockage('x')).toBeNull();
  });

  it('lifts every block on reset', () => {
    const { pool, pick } = setUp('one');
    pool.disable(pick(), 'x', 'authentication');
    pool.reset();
    expect(pool.hasUsable('x')).toBe(true);
  });
});
