import { Telemetry } from '../../src/core/telemetry/telemetry.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Housekeeping } from '../../src/core/housekeeping.js';
import { DeliveryBell } from '../../src/jobs/webhooks/delivery-bell.js';
import { type ClaimedDelivery, DeliveryStore } from '../../src/jobs/webhooks/delivery-store.js';
import type { DeliveryAttempt } from '../../src/jobs/webhooks/webhook-delivery.entity.js';
import { WebhookDispatcher } from '../../src/jobs/webhooks/webhook-dispatcher.service.js';
import type { WebhookSender } from '../../src/jobs/webhooks/webhook-sender.service.js';
import { runsOnServer, withClient } from '../support/database.js';
import { FakeClock } from '../support/fake-clock.js';
import { JobWorld, PROJECT } from '../support/job-world.js';

const HOOKS = 5;
const EVENTS = 8;
const TAKEN: DeliveryAttempt = { at: '2026-01-01T00:00:00.000Z', status: 200, error: null, duration_ms: 1 };

/** A receiver that takes everything, after a while, and knows what it was sent at the same time. */
class Receiver {
  readonly sent: string[] = [];
  readonly underWay: ClaimedDelivery[] = [];
  mostOfOneHook = 0;
  mostOfOneEvent = 0;
  /** Resolves when the next one may be answered. */
  gate: () => Promise<unknown> = () => new Promise((resolve) => setImmediate(resolve));

  async send(delivery: ClaimedDelivery): Promise<DeliveryAttempt> {
    this.sent.push(delivery.id);
    this.underWay.push(delivery);
    const count = (name: 'id' | 'webhookId'): number =>
      this.underWay.filter((other) => other[name] === delivery[name]).length;
    this.mostOfOneEvent = Math.max(this.mostOfOneEvent, count('id'));
    this.mostOfOneHook = Math.max(this.mostOfOneHook, count('webhookId'));
    await this.gate();
    this.underWay.splice(this.underWay.indexOf(delivery), 1);
    return TAKEN;
  }
}

describe('dispatchers of several processes', () => {
  let world: JobWorld;
  let receiver: Receiver;
  let dispatchers: [WebhookDispatcher, WebhookDispatcher];

  const dispatcher = (): WebhookDispatcher => {
    const store = new DeliveryStore(world.dataSource, new Telemetry());
    const config = { retryAfterMs: [], timeoutMs: 1_000, keptDays: 1 };
    const sender = receiver as unknown as WebhookSender;
    const housekeeping = new Housekeeping(new FakeClock(), true);
    const made = new WebhookDispatcher(store, sender, new DeliveryBell(), config, housekeeping);
    made.onApplicationBootstrap();
    return made;
  };
  const countOf = async (status: string): Promise<number> => {
    const rows = await world.dataSource.query<unknown[]>('select 1 from webhook_delivery where status = $1', [status]);
    return rows.length;
  };

  beforeAll(async () => {
    world = await JobWorld.open();
  });

  beforeEach(async () => {
    receiver = new Receiver();
    dispatchers = [dispatcher(), dispatcher()];
    await world.dataSource.query(
      `insert into webhook (id, project_id, url, events, sealed_secret)
       select 'wh_' || n, $1, 'https://hook.invalid/' || n, '{}', '' from generate_series(1, $2::int) n`,
      [PROJECT, HOOKS],
    );
    await world.dataSource.query(
      `insert into webhook_delivery (id, event_id, webhook_id, project_id, type, body)
       select 'whd_' || h || '_' || e, 'evt_' || e, 'wh_' || h, $1, 'webhook.test', '{}'
       from generate_series(1, $2::int) h, generate_series(1, $3::int) e`,
      [PROJECT, HOOKS, EVENTS],
    );
  });

  afterEach(async () => {
    await Promise.all(dispatchers.map((each) => each.beforeApplicationShutdown()));
    await world.dataSource.query('delete from webhook');
  });

  afterAll(() => world.close());

  it('try each event once, and no more than two of one webhook at the same time', async () => {
    while ((await countOf('pending')) > 0) {
      await Promise.all(dispatchers.map((each) => each.look()));
      await Promise.all(dispatchers.map((each) => each.idle()));
    }
    expect(receiver.sent).toHaveLength(HOOKS * EVENTS);
    expect(new Set(receiver.sent).size).toBe(HOOKS * EVENTS);
    expect(receiver.mostOfOneEvent).toBe(1);
    expect(receiver.mostOfOneHook).toBeLessThanOrEqual(2);
    expect(await countOf('delivered')).toBe(HOOKS * EVENTS);
  });

  // The embedded database has one connection: there nothing happens at the same time.
  (runsOnServer ? it : it.skip)('take none that another took at the same moment', async () => {
    const store = new DeliveryStore(world.dataSource, new Telemetry());
    const claims = await withClient(world.database, async (holder) => {
      await holder.query('begin; select 1 from webhook_delivery for update');
      const both = ['claim_a', 'claim_b'].map((claim) =>
        store.claim({ claim, most: 16, mostOfOne: 2, leaseMs: 60_000 }),
      );
      const waiting = `select 1 from pg_stat_activity
        where query like '%webhook_delivery set claim%' and cardinality(pg_blocking_pids(pid)) > 0`;
      // What a transaction saw of other sessions it sees until its end, unless it forgets it.
      do await holder.query('select pg_stat_clear_snapshot()');
      while ((await holder.query(waiting)).rows.length < 2);
      await holder.query('commit');
      return Promise.all(both);
    });
    const ids = claims.flat().map(({ id }) => id);
    expect(ids).toHaveLength(2 * HOOKS);
    expect(new Set(ids).size).toBe(2 * HOOKS);
  });

  it('end only when what they were just taking is written down', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    receiver.gate = () => opened;
    const [first] = dispatchers;
    const looking = first.look();
    const stopping = first.beforeApplicationShutdown();
    await looking;
    expect(receiver.underWay).toHaveLength(2 * HOOKS);
    let isStopped = false;
    void stopping.then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    open();
    await stopping;
    expect(await countOf('delivered')).toBe(2 * HOOKS);
    expect(receiver.underWay).toEqual([]);
  });

  it('forgets what has been over for long, and what waits as long for a webhook that nobody enables', async () => {
    const sql = (statement: string): Promise<unknown> => world.dataSource.query(statement);
    await sql(`update webhook_delivery set created_at = now() - interval '3 days'`);
    await sql(`update webhook_delivery set status = 'delivered', finished_at = now() where webhook_id = 'wh_1'`);
    await sql(`update webhook_delivery set status = 'failed', finished_at = created_at where webhook_id = 'wh_2'`);
    await sql(`update webhook set status = 'disabled' where id = 'wh_3'`);
    const store = new DeliveryStore(world.dataSource, new Telemetry());
    await store.sweep(4);
    expect(await countOf('pending')).toBe(EVENTS * (HOOKS - 2));
    await store.sweep(1);
    const counts = await Promise.all(['pending', 'delivered', 'failed'].map(countOf));
    expect(counts).toEqual([EVENTS * (HOOKS - 3), EVENTS, 0]);
  });
});
