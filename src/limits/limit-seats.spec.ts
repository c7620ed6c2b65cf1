import { beforeEach, describe, expect, it } from '@jest/globals';
import { codeOf, LimitBench, who } from '../../test/support/limit-bench.js';

let bench: LimitBench;

beforeEach(() => {
  bench = new LimitBench();
});

describe('requests under way', () => {
  it('are as many as the limit says, over two replicas', async () => {
    const principal = who({ concurrency: 3 });
    const tickets = [
      await bench.admit(bench.left, principal),
      await bench.admit(bench.right, principal),
      await bench.admit(bench.left, principal),
    ];
    const refused = await bench.send(bench.right, principal);
    expect(refused).toMatchObject({ code: 'concurrency_limit', retryAfterMs: 1_000 });
    // Once, however often it was looked for.
    expect(bench.refusals).toEqual(['key concurrency']);
    tickets[0]?.leave();
    tickets[0]?.leave();
    expect(codeOf(await bench.send(bench.right, principal))).toBe('admitted');
    expect(codeOf(await bench.send(bench.left, principal))).toBe('concurrency_limit');
  });

  it('lets the next one in that comes before the end of the last is known', async () => {
    const principal = who({ concurrency: 1 });
    const ticket = await bench.admit(bench.left, principal);
    let code = '';
    void bench.send(bench.right, principal).then((outcome) => (code = codeOf(outcome)));
    await bench.clock.advance(30);
    expect(code).toBe('');
    ticket.leave();
    await bench.clock.advance(100);
    expect(code).toBe('admitted');
  });

  it('keeps some seats where the limit is large', async () => {
    const principal = who({ concurrency: 1_000 });
    const tickets = [];
    for (let count = 0; count < 19; count += 1) tickets.push(await bench.admit(bench.left, principal));
    for (const ticket of tickets) ticket.leave();
    expect(bench.left.store.exchanges).toBe(1);
    expect(bench.counts.seats.get('key:key_1:concurrency')).toEqual(new Map([['left', 20]]));
  });

  it('refuses more than the limit even at the rim of what was handed out in advance', async () => {
    const principal = who({ concurrency: 120 });
    let admitted = 0;
    for (let count = 0; count < 70; count += 1) {
      admitted += codeOf(await bench.send(bench.left, principal)) === 'admitted' ? 1 : 0;
      admitted += codeOf(await bench.send(bench.right, principal)) === 'admitted' ? 1 : 0;
    }
    expect(admitted).toBeLessThanOrEqual(120);
    expect(admitted).toBeGreaterThanOrEqual(115);
  });

  it('does not count a request that found no seat', async () => {
    const principal = who({ concurrency: 1, requestsPerMinute: 5, tokensPerMinute: 100 });
    await bench.admit(bench.left, principal, 10);
    expect(codeOf(await bench.send(bench.right, principal, 10))).toBe('concurrency_limit');
    expect(bench.counts.minutes.get('key:key_1:requests')?.used).toBe(1);
  });

  it('stops looking for a seat when the client has left', async () => {
    const principal = who({ concurrency: 1 });
    await bench.admit(bench.left, principal);
    const call = bench.call(principal);
    const waiting = (async () => bench.left.service.enter(call, () => 1))();
    const seen = waiting.catch((error: unknown) => error);
    await bench.clock.advance(5);
    call.abort(new Error('gone'));
    expect(await seen).toMatchObject({ message: 'gone' });
    await bench.clock.advance(200);
    expect(bench.clock.pendingTimers).toBe(0);
  });
});
