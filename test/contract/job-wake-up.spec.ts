import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import type { Job } from '../../src/jobs/job.js';
import type { PgBossJobQueue } from '../../src/jobs/pg-boss-job-queue.js';
import { JobWorld, PROJECT, QuickSettings, untilJobIs } from '../support/job-world.js';

/** Longer than the test takes: whoever waits for the next look waits in vain. */
const NEVER_MS = 3_600_000;

describe('when a job begins', () => {
  let world: JobWorld;
  const queues: PgBossJobQueue[] = [];

  beforeAll(async () => {
    world = await JobWorld.open();
  });
  afterEach(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.beforeApplicationShutdown()));
  });
  afterAll(() => world.close());

  async function open(settings: QuickSettings): Promise<PgBossJobQueue> {
    const queue = world.createQueue(settings);
    queues.push(queue);
    await queue.onModuleInit();
    return queue;
  }

  function enqueue(queue: PgBossJobQueue, kind: string, manager?: EntityManager): Promise<Job> {
    return queue.enqueue({ kind, projectId: PROJECT, keyId: null, payload: {} }, manager);
  }

  it('at once in the process that enqueued it, as soon as its transaction is committed, one after the other', async () => {
    const queue = await open(new QuickSettings({ lookoutMs: NEVER_MS }));
    await queue.process('own', () => Promise.resolve(null));
    const first = await enqueue(queue, 'own');
    await untilJobIs(queue, first.id, 'succeeded');
    // Both wait for one and the same worker, which begins when it can see them.
    const [second, third] = await world.dataSource.transaction(async (manager) => [
      await enqueue(queue, 'own', manager),
      await enqueue(queue, 'own', manager),
    ]);
    await untilJobIs(queue, second.id, 'succeeded');
    await untilJobIs(queue, third.id, 'succeeded');
    await expect(
      world.dataSource.transaction(async (manager) => {
        await enqueue(queue, 'own', manager);
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await queue.depths()).toMatchObject({ own: 0 });
  });

  it('in another process when this one only takes requests', async () => {
    const api = await open(new QuickSettings({ runsJobs: false }));
    const begun: string[] = [];
    const process = (queue: PgBossJobQueue, name: string): Promise<void> =>
      queue.process('shared', ({ id }) => {
        begun.push(`${name} ${id}`);
        return Promise.resolve(null);
      });
    await process(api, 'api');
    const { id } = await enqueue(api, 'shared');
    expect((await api.find(PROJECT, id))?.status).toBe('queued');
    expect(await api.depths()).toMatchObject({ shared: 1 });
    const worker = await open(new QuickSettings());
    await process(worker, 'worker');
    await untilJobIs(api, id, 'succeeded');
    const next = await enqueue(api, 'shared');
    await untilJobIs(api, next.id, 'succeeded');
    expect(begun).toEqual([`worker ${id}`, `worker ${next.id}`]);
  });
});
