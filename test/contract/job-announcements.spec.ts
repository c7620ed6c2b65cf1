import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { JsonObject } from '../../src/core/json.js';
import { JobFailure } from '../../src/jobs/job.js';
import type { PgBossJobQueue } from '../../src/jobs/pg-boss-job-queue.js';
import { JobWorld, PROJECT, untilJobIs } from '../support/job-world.js';

describe('what webhooks are told of jobs', () => {
  let world: JobWorld;
  let dataSource: DataSource;
  let queue: PgBossJobQueue;

  beforeAll(async () => {
    world = await JobWorld.open();
    ({ dataSource } = world);
    queue = world.createQueue();
    await queue.onModuleInit();
  });

  afterAll(async () => {
    await queue.beforeApplicationShutdown();
    await world.close();
  });

  it('tells webhooks of every end in the transaction of that end, once', async () => {
    await dataSource.query(
      `insert into webhook (id, project_id, url, events, sealed_secret)
       values ('wh_1', $1, 'https://hook.invalid/', '{index.succeeded,index.failed,batch.cancelled}', '')`,
      [PROJECT],
    );
    const types = { succeeded: 'index.succeeded', failed: 'index.failed', cancelled: 'batch.cancelled' } as const;
    let isHeld = (): void => undefined;
    const held = new Promise<void>((resolve) => (isHeld = resolve));
    await queue.process<{ how: string }>(
      'announced',
      async ({ payload: { how }, signal }) => {
        if (how === 'succeeded') return { made: 1 };
        if (how === 'failed') throw new JobFailure('poison', 'It cannot be read.');
        isHeld();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        });
      },
      { announce: ({ id }, end) => ({ type: types[end.status], data: { id, ...end } as JsonObject }) },
    );
    const job = { kind: 'announced', projectId: PROJECT, keyId: null };
    const ids: string[] = [];
    for (const how of ['succeeded', 'failed'] as const) {
      const { id } = await queue.enqueue({ ...job, payload: { how } });
      await untilJobIs(queue, id, how);
      ids.push(id);
    }
    const { id: cancelled } = await queue.enqueue({ ...job, payload: { how: 'cancelled' } });
    await held;
    await queue.cancel(PROJECT, cancelled);
    await expect(queue.cancel(PROJECT, cancelled)).rejects.toThrow('cancelled already');
    const rows = await dataSource.query<{ event_id: string; type: string; body: string }[]>(
      'select event_id, type, body from webhook_delivery order by created_at',
    );
    expect(rows.map(({ event_id: id, type, body }) => [id, type, JSON.parse(body) as unknown])).toMatchObject([
      [`evt_${ids[0] ?? ''}_1`, 'index.succeeded', { data: { status: 'succeeded', result: { made: 1 } } }],
      [`evt_${ids[1] ?? ''}_1`, 'index.failed', { data: { status: 'failed', error: { code: 'poison' } } }],
      [`evt_${cancelled}_1`, 'batch.cancelled', { data: { status: 'cancelled' } }],
    ]);
  });
});
