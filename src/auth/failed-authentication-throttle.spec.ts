import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';
import { FailedAuthenticationThrottle } from './failed-authentication-throttle.js';

const LIMIT = { failures: 3, windowMs: 60_000 };
const GUESS = { isGuess: true };

describe('FailedAuthenticationThrottle', () => {
  let clock: FakeClock;
  let throttle: FailedAuthenticationThrottle;

  beforeEach(() => {
    clock = new FakeClock();
    throttle = new FailedAuthenticationThrottle(new BoundedThrottlerStorage(clock), clock, LIMIT);
  });

  async function fail(address: string, times: number): Promise<void> {
    for (let count = 0; count < times; count += 1) await throttle.countFailure(address, GUESS);
  }

  it('lets the allowed number of failures pass', async () => {
    await fail('192.0.2.1', 3);
    expect(() => {
      throttle.assertOpen('192.0.2.1');
    }).not.toThrow();
  });

  it('closes an address at one failure more, and says for how long', async () => {
    await fail('192.0.2.1', 3);
    await expect(throttle.countFailure('192.0.2.1', GUESS)).rejects.toMatchObject({
      code: 'too_many_auth_failures',
      retryAfterMs: 60_000,
    });
    await clock.advance(20_000);
    expect(() => {
      throttle.assertOpen('192.0.2.1');
    }).toThrow(expect.objectContaining({ retryAfterMs: 40_000 }));
  });

  it('leaves other addresses alone', async () => {
    await expect(fail('192.0.2.1', 4)).rejects.toThrow();
    await fail('192.0.2.2', 3);
    expect(() => {
      throttle.assertOpen('192.0.2.2');
    }).not.toThrow();
  });

  it('takes the addresses of one IPv6 network for one', async () => {
    await fail('2001:db8::1', 3);
    await expect(throttle.countFailure('2001:db8::2', GUESS)).rejects.toThrow();
  });

  it('opens again after the window, with a fresh count', async () => {
    await expect(fail('192.0.2.1', 4)).rejects.toThrow();
    await clock.advance(60_000);
    throttle.assertOpen('192.0.2.1');
    await fail('192.0.2.1', 3);
    await expect(throttle.countFailure('192.0.2.1', GUESS)).rejects.toThrow();
  });

  it('counts what could be no key in this process alone', async () => {
    const shared = new BoundedThrottlerStorage(clock);
    const [here, there] = [1, 2].map(() => new FailedAuthenticationThrottle(shared, clock, LIMIT));
    for (let count = 0; count < 3; count += 1) await here?.countFailure('192.0.2.1', { isGuess: false });
    await expect(there?.countFailure('192.0.2.1', GUESS)).resolves.toBeUndefined();
    await expect(here?.countFailure('192.0.2.1', { isGuess: false })).rejects.toThrow();
  });

  it('counts guesses together with the other replicas', async () => {
    const shared = new BoundedThrottlerStorage(clock);
    const replicas = [1, 2].map(() => new FailedAuthenticationThrottle(shared, clock, LIMIT));
    for (const index of [0, 1, 0]) await replicas[index]?.countFailure('192.0.2.1', GUESS);
    for (const replica of replicas) await expect(replica.countFailure('192.0.2.1', GUESS)).rejects.toThrow();
  });

  it('counts by itself while the shared counters are away', async () => {
    const away = { increment: () => Promise.reject(new Error('connection refused')) };
    throttle = new FailedAuthenticationThrottle(away, clock, LIMIT);
    await fail('192.0.2.1', 3);
    await expect(throttle.countFailure('192.0.2.1', GUESS)).rejects.toMatchObject({ code: 'too_many_auth_failures' });
  });

  it('forgets failures of an earlier window', async () => {
    await fail('192.0.2.1', 3);
    await clock.advance(60_000);
    await expect(fail('192.0.2.1', 3)).resolves.toBeUndefined();
  });
});
