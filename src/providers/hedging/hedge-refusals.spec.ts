import { describe, expect, it } from '@jest/globals';
import { after, end, HEDGE, learnt, says, send } from '../../../test/support/hedged-world.js';
import { failure, finish, providerConfig, start, type World } from '../../../test/support/scripted-providers.js';
import { AppError } from '../../core/errors/app-error.js';

describe('a second request that is due and not sent', () => {
  const refused = (world: World): unknown[] =>
    world.telemetry.of('hedgeRefused').map((value) => (value as { reason: string }).reason);

  it('because the model has had its share', async () => {
    const world = await learnt(
      { a: [[start, 300, says('a'), finish]], b: [after(10, 'b')] },
      { after: 'p95', maxExtra: 0.01 },
    );
    const routes: string[] = [];
    for (let count = 0; count < 5; count += 1) routes.push((await end(world, send(world), 300)).route);
    expect(routes).toEqual([...Array.from({ length: 3 }, () => 'a:aborted b:succeeded'), 'a:succeeded', 'a:succeeded']);
    expect(refused(world)).toEqual(['share', 'share']);
  });

  it('because too many retries are under way', async () => {
    const world = await learnt({ a: [after(300, 'a')], b: [after(10, 'b')] });
    const places = [world.budget.take(), world.budget.take(), world.budget.take()];
    expect(await end(world, send(world))).toEqual({ text: 'a', route: 'a:succeeded' });
    expect(refused(world)).toEqual(['retries']);
    for (const giveBack of places) giveBack?.();
  });

  it('because its caller cannot pay for it: the first one goes on', async () => {
    const world = await learnt({ a: [after(300, 'a')], b: [after(10, 'b')] });
    const sent = send(world);
    sent.call.beforeRetry = () => Promise.reject(new AppError('insufficient_quota', 'no'));
    expect(await end(world, sent)).toEqual({ text: 'a', route: 'a:succeeded' });
    expect(refused(world)).toEqual(['budget']);
    expect(world.budget.retries).toBe(0);
  });

  it('because the first one answered while the money was asked for', async () => {
    const world = await learnt({ a: [after(300, 'a')], b: [after(10, 'b')] });
    const sent = send(world);
    let asked = 0;
    sent.call.beforeRetry = () => {
      asked += 1;
      return world.clock.sleep(1_000);
    };
    expect(await end(world, sent)).toEqual({ text: 'a', route: 'a:succeeded' });
    expect([asked, refused(world), world.budget.retries]).toEqual([1, [], 0]);
  });

  it('because no other target takes it', async () => {
    const breaker = { failureRatio: 0.01, minRequests: 1, windowMs: 30_000, openMs: 60_000, probes: 1 };
    const providers = [providerConfig(), providerConfig({ name: 'b', breaker })];
    const world = await learnt({ a: [after(300, 'a')], b: [failure('server-error')] }, HEDGE, { providers });
    expect(await end(world, send(world), 1_000)).toEqual({ text: 'a', route: 'a:succeeded b:failed' });
    expect(await end(world, send(world), 1_000)).toEqual({ text: 'a', route: 'a:succeeded' });
    expect([refused(world), world.budget.retries]).toEqual([['no-target'], 0]);
  });
});
