import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { CircuitBreaker, type Permit } from './circuit-breaker.js';

const CONFIG = { failureRatio: 0.5, minRequests: 4, windowMs: 10_000, openMs: 5_000, probes: 2 };

function setUp() {
  const clock = new FakeClock();
  const changes: string[] = [];
  const breaker = new CircuitBreaker(CONFIG, clock, (state) => changes.push(state));
  const take = (): Permit => {
    const permit = breaker.acquire();
    if (!permit) throw new Error('no permit');
    return permit;
  };
  const send = (outcomes: string): void => {
    for (const outcome of outcomes) {
      const permit = take();
      if (outcome === 'F') permit.fail();
      else if (outcome === 'S') permit.succeed();
      else permit.release();
    }
  };
  return { clock, changes, breaker, take, send };
}

describe('CircuitBreaker', () => {
  it.each([
    ['FFF', 'closed', 'too few requests'],
    ['FFFF', 'open', 'all failed'],
    ['SSSFF', 'closed', 'under the ratio'],
    ['SFSF', 'open', 'at the ratio'],
    ['FFF...', 'closed', 'released permits are not counted'],
  ])('after %s it is %s: %s', (outcomes, state) => {
    const { breaker, send } = setUp();
    send(outcomes);
    expect(breaker.state).toBe(state);
  });

  it('is not deceived by a long healthy past', () => {
    const { breaker, send } = setUp();
    send('S'.repeat(1_000));
    send('FS'.repeat(9));
    expect(breaker.state).toBe('closed');
    send('F');
    expect(breaker.state).toBe('open');
  });

  it('forgets what is older than the window', async () => {
    const { breaker, clock, send } = setUp();
    send('FFF');
    await clock.advance(10_001);
    send('F');
    expect(breaker.state).toBe('closed');
    await clock.advance(5_000);
    send('FFF');
    expect(breaker.state).toBe('open');
  });

  it('gives no permit while open and says how long that lasts', async () => {
    const { breaker, clock, send } = setUp();
    send('FFFF');
    await clock.advance(2_000);
    expect(breaker.acquire()).toBeNull();
    expect(breaker.retryAfterMs()).toBe(3_000);
    await clock.advance(3_000);
    expect(breaker.retryAfterMs()).toBe(0);
  });

  it('lets only so many probes pass, and a released one makes room for the next', async () => {
    const { breaker, clock, take, send } = setUp();
    send('FFFF');
    await clock.advance(5_000);
    const first = take();
    take();
    expect(first.isProbe).toBe(true);
    expect(breaker.acquire()).toBeNull();
    expect(breaker.retryAfterMs()).toBeGreaterThan(0);
    first.release();
    first.release();
    expect(breaker.acquire()).not.toBeNull();
    expect(breaker.acquire()).toBeNull();
  });

  it('closes at the first probe that succeeds, with a clean count', async () => {
    const { breaker, changes, clock, send } = setUp();
    send('FFFF');
    await clock.advance(5_000);
    send('S');
    expect(breaker.state).toBe('closed');
    send('FFF');
    expect(breaker.state).toBe('closed');
    expect(changes).toEqual(['open', 'half-open', 'closed']);
  });

  it('opens again at the first probe that fails, for the whole time', async () => {
    const { breaker, changes, clock, send } = setUp();
    send('FFFF');
    await clock.advance(5_000);
    send('F');
    await clock.advance(4_999);
    expect(breaker.acquire()).toBeNull();
    expect(changes).toEqual(['open', 'half-open', 'open']);
  });

  it('counts a permit once', () => {
    const { breaker, take, send } = setUp();
    send('SS');
    const permit = take();
    permit.succeed();
    permit.fail();
    permit.fail();
    send('F');
    expect(breaker.state).toBe('closed');
  });

  it('ignores permits that were given before the state changed', async () => {
    const { breaker, clock, take, send } = setUp();
    const early = take();
    const other = take();
    send('FFFF');
    early.succeed();
    expect(breaker.state).toBe('open');
    await clock.advance(5_000);
    take();
    other.fail();
    expect(breaker.state).toBe('half-open');
  });

  it('is closed by a reset', () => {
    const { breaker, changes, send } = setUp();
    send('FFFF');
    breaker.reset();
    expect(breaker.acquire()).not.toBeNull();
    expect(changes).toEqual(['open', 'closed']);
  });
});
