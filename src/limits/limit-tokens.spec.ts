import { beforeEach, describe, expect, it } from '@jest/globals';
import { codeOf, LimitBench, who } from '../../test/support/limit-bench.js';

const MINUTE_MS = 60_000;

let bench: LimitBench;

beforeEach(() => {
  bench = new LimitBench();
});

describe('tokens a minute', () => {
  it('never more than the limit are reserved over two replicas, and hardly fewer', async () => {
    const principal = who({ tokensPerMinute: 10_000 });
    const admitted =
      (await bench.countAdmitted(bench.left, principal, 40, 100)) +
      (await bench.countAdmitted(bench.right, principal, 80, 100)) +
      (await bench.countAdmitted(bench.left, principal, 40, 100));
    expect(admitted).toBeLessThanOrEqual(100);
    expect(admitted).toBeGreaterThanOrEqual(95);
  });

  it('do not gather in one replica where requests are larger than what it is handed in advance', async () => {
    const principal = who({ tokensPerMinute: 10_000 });
    expect(await bench.countAdmitted(bench.left, principal, 5, 900)).toBe(5);
    // Of the 5,500 that are bench.left, a fiftieth may lie with the first replica.
    expect(await bench.countAdmitted(bench.right, principal, 9, 600)).toBe(8);
    expect(await bench.countAdmitted(bench.left, principal, 3, 300)).toBe(2);
  });

  it('puts the real number in place of the estimate, once', async () => {
    const principal = who({ tokensPerMinute: 40 });
    const ticket = await bench.admit(bench.left, principal, 40);
    expect(codeOf(await bench.send(bench.right, principal, 1))).toBe('rate_limit_exceeded');
    ticket.settle(10);
    ticket.settle(0);
    ticket.leave();
    await bench.clock.advance(100);
    expect(codeOf(await bench.send(bench.right, principal, 31))).toBe('rate_limit_exceeded');
    expect(codeOf(await bench.send(bench.right, principal, 30))).toBe('admitted');
  });

  it('bench.counts what was more than the estimate', async () => {
    const principal = who({ tokensPerMinute: 40 });
    (await bench.admit(bench.left, principal, 10)).settle(38);
    expect(codeOf(await bench.send(bench.left, principal, 3))).toBe('rate_limit_exceeded');
    await bench.clock.advance(100);
    expect(codeOf(await bench.send(bench.right, principal, 3))).toBe('rate_limit_exceeded');
    expect(codeOf(await bench.send(bench.right, principal, 2))).toBe('admitted');
  });

  it('leaves the next minute alone', async () => {
    const principal = who({ tokensPerMinute: 40 });
    const ticket = await bench.admit(bench.left, principal, 40);
    await bench.clock.advance(MINUTE_MS);
    await bench.admit(bench.left, principal, 20);
    ticket.settle(0);
    await bench.clock.advance(100);
    expect(bench.counts.minutes.get('key:key_1:tokens')?.used).toBe(20);
  });

  it('refuses what would never fit, clearly, and without asking', async () => {
    const outcome = await bench.send(bench.left, who({ tokensPerMinute: 40 }), 41);
    expect(outcome).toMatchObject({
      code: 'rate_limit_exceeded',
      shouldRetry: false,
      message: expect.stringContaining('may need 41 tokens, which is more than the limit of 40 tokens a minute'),
    });
    expect(bench.left.store.exchanges).toBe(0);
  });

  it('lets a small request through where a large one has no room', async () => {
    const principal = who({ tokensPerMinute: 40 });
    await bench.admit(bench.left, principal, 30);
    expect(codeOf(await bench.send(bench.left, principal, 20))).toBe('rate_limit_exceeded');
    expect(codeOf(await bench.send(bench.left, principal, 10))).toBe('admitted');
  });
});
