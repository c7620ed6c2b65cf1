import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { JsonObject } from '../../src/core/json.js';
import { JobEntity } from '../../src/jobs/job.entity.js';
import { type Job, JobFailure, JobPostponement, type JobStatus } from '../../src/jobs/job.js';
import type { PgBossJobQueue } from '../../src/jobs/pg-boss-job-queue.js';
import { withClient } from '../support/database.js';
import { JobWorld, PROJECT, untilJob, untilJobIs } from '../support/job-world.js';

describe('job queue', () => {
  let world: JobWorld;
  let dataSource: DataSource;
  let queue: PgBossJobQueue;
  const others: PgBossJobQueue[] = [];

  async function createOther(): Promise<PgBossJobQueue> {
    const other = world.createQueue();
    others.push(other);
    await other.onModuleInit();
    return other;
  }

  async function enqueue(kind: string, payload: JsonObject = {}): Promise<Job> {
    return await queue.enqueue({ kind, projectId: PROJECT, keyId: 'key_1', payload });
  }

  const until = (id: string, accept: (job: Job) => boolean): Promise<Job> => untilJob(queue, id, accept);
  const untilStatus = (id: string, status: JobStatus): Promise<Job> => untilJobIs(queue, id, status);

  beforeAll(async () => {
    world = await JobWorld.open();
    ({ dataSource } = world);
    queue = world.createQueue();
    await queue.onModuleInit();
  });

  afterEach(async () => {
    await Promise.all(others.splice(0).map((other) => other.beforeApplicationShutdown()));
  });

  afterAll(async () => {
    await queue.beforeApplicationShutdown();
    await world.close();
  });

  it('runs a job soon, tells its progress and keeps its result', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await queue.process<{ n: number }>('progress', async (job) => {
      await job.progress(1, 4);
      await job.progress(2, 4);
      await held;
      return { doubled: job.payload.n * 2, attempt: job.attempt, project: job.projectId, key: job.keyId };
    });
    const job = await enqueue('progress', { n: 21 });
    expect(job).toMatchObject({ status: 'queued', progress: { done: 0, total: 0 }, startedAt: null, finishedAt: null });
    const running = await until(job.id, ({ progress }) => progress.done === 2);
    expect(running).toMatchObject({ status: 'running', progress: { done: 2, total: 4 }, result: null });
    release();
    const done = await untilStatus(job.id, 'succeeded');
    expect(done).toMatchObject({
      result: { doubled: 42, attempt: 1, project: PROJECT, key: 'key_1' },
      error: null,
      progress: { done: 2, total: 4 },
    });
    expect((done.startedAt ?? new Date(NaN)).getTime() - done.createdAt.getTime()).toBeLessThan(1_500);
    expect(done.finishedAt).toBeInstanceOf(Date);
  });

  it('tries again after an error and succeeds', async () => {
    await queue.process('retry', (job) =>
      job.attempt === 1 ? Promise.reject(new Error('once')) : Promise.resolve({ attempt: job.attempt }),
    );
    const done = await untilStatus((await enqueue('retry')).id, 'succeeded');
    expect(done).toMatchObject({ result: { attempt: 2 }, error: null });
  });

  it('fails when the attempts are used up, without the text of a foreign error', async () => {
    let attempts = 0;
    await queue.process('hopeless', () => {
      attempts += 1;
      return Promise.reject(new Error('secret detail'));
    });
    const failed = await untilStatus((await enqueue('hopeless')).id, 'failed');
    expect(failed.error?.code).toBe('internal_error');
    expect(failed.error?.message).not.toContain('secret');
    expect(attempts).toBe(2);
  });

  it('fails at once for good on a JobFailure', async () => {
    await queue.process('permanent', () => Promise.reject(new JobFailure('no_text_extracted', 'There is no text.')));
    const job = await enqueue('permanent');
    const failed = await untilStatus(job.id, 'failed');
    expect(failed.error).toEqual({ code: 'no_text_extracted', message: 'There is no text.' });
    const row = await dataSource.manager.findOneByOrFail(JobEntity, { id: job.id });
    expect(row.attempt).toBe(1);
  });

  it('tries again for as long as the job is postponed, without using up its attempts', async () => {
    await queue.process('patient', (job) =>
      job.attempt <= 3
        ? Promise.reject(new JobPostponement('insufficient_quota', 'The budget is spent.', Infinity))
        : Promise.resolve({ attempt: job.attempt, isLastAttempt: job.isLastAttempt }),
    );
    const job = await enqueue('patient');
    const done = await untilStatus(job.id, 'succeeded');
    expect(done).toMatchObject({ result: { attempt: 4, isLastAttempt: false }, error: null });
  });

  it('cancels a running job, also from another process, and refuses to cancel a finished one', async () => {
    const reasons: unknown[] = [];
    await queue.process('cancel', async (job) => {
      await new Promise<void>((resolve) => {
        job.signal.addEventListener('abort', () => {
          resolve();
        });
      });
      reasons.push(job.signal.reason);
      await expect(job.progress(1, 1)).rejects.toBe(job.signal.reason);
      throw job.signal.reason;
    });
    const other = await createOther();
    for (const by of [queue, other]) {
      const job = await enqueue('cancel');
      await untilStatus(job.id, 'running');
      const before = performance.now();
      expect(await by.cancel(PROJECT, job.id)).toMatchObject({ status: 'cancelled', error: null });
      while (reasons.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(performance.now() - before).toBeLessThan(2_500);
      expect(reasons.splice(0)).toEqual([expect.objectContaining({ reason: 'cancelled' })]);
      await expect(by.cancel(PROJECT, job.id)).rejects.toMatchObject({ code: 'invalid_state' });
      expect(await queue.find(PROJECT, job.id)).toMatchObject({ status: 'cancelled' });
    }
  });

  it('never runs a job that was cancelled while it waited', async () => {
    let runs = 0;
    const job = await enqueue('waiting');
    expect(await queue.depths()).toMatchObject({ waiting: 1 });
    await queue.cancel(PROJECT, job.id);
    await queue.process('waiting', () => {
      runs += 1;
      return Promise.resolve(null);
    });
    await untilStatus((await enqueue('waiting')).id, 'succeeded');
    expect(runs).toBe(1);
    expect(await queue.depths()).toMatchObject({ waiting: 0 });
  });

  it('keeps projects apart', async () => {
    const job = await enqueue('apart');
    expect(await queue.find('proj_other', job.id)).toBeNull();
    expect(await queue.cancel('proj_other', job.id)).toBeNull();
    expect(await queue.find(PROJECT, job.id)).toMatchObject({ status: 'queued' });
  });

  it('returns the unfinished job with the same key instead of a new one', async () => {
    const order = { kind: 'dedupe', projectId: PROJECT, keyId: null, payload: {}, dedupeKey: 'a' };
    const jobs = await Promise.all(Array.from({ length: 5 }, () => queue.enqueue(order)));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    const first = jobs[0]?.id ?? '';
    expect((await queue.enqueue({ ...order, dedupeKey: 'b' })).id).not.toBe(first);
    await queue.process('dedupe', () => Promise.resolve(null));
    await untilStatus(first, 'succeeded');
    expect((await queue.enqueue(order)).id).not.toBe(first);
  });

  it("is part of the caller's transaction", async () => {
    await queue.process('atomic', () => Promise.resolve(null));
    let lost = '';
    const work = dataSource.transaction(async (manager) => {
      lost = (await queue.enqueue({ kind: 'atomic', projectId: PROJECT, keyId: null, payload: {} }, manager)).id;
      throw new Error('rolled back');
    });
    await expect(work).rejects.toThrow('rolled back');
    expect(await queue.find(PROJECT, lost)).toBeNull();
    const kept = await dataSource.transaction((manager) =>
      queue.enqueue({ kind: 'atomic', projectId: PROJECT, keyId: null, payload: {} }, manager),
    );
    await untilStatus(kept.id, 'succeeded');
    const messages = await withClient(world.database, async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `select data->>'jobId' as id from ${world.database.schema}_jobs.job where name = 'atomic'`,
      );
      return rows.map(({ id }) => id);
    });
    expect(messages).toEqual([kept.id]);
  });

  /** What a process leaves behind that was killed while it ran the job, some time ago. */
  async function pretendKilled(id: string, attempt: number): Promise<void> {
    await withClient(world.database, async (client) => {
      await client.query(`update job set status = 'running', attempt = $2, started_at = now() where id = $1`, [
        id,
        attempt,
      ]);
      await client.query(
        `update ${world.database.schema}_jobs.job set state = 'active', started_on = now(), retry_count = $2,
         heartbeat_on = now() - interval '1 minute' where data->>'jobId' = $1`,
        [id, attempt - 1],
      );
    });
  }

  it('resumes the job of a process that was killed', async () => {
    const job = await enqueue('killed');
    await pretendKilled(job.id, 1);
    const other = await createOther();
    await other.process('killed', ({ attempt }) => Promise.resolve({ attempt }));
    const done = await untilStatus(job.id, 'succeeded');
    expect(done.result).toEqual({ attempt: 2 });
  }, 20_000);

  it('fails a job whose process is killed on every attempt', async () => {
    const job = await enqueue('killer');
    await pretendKilled(job.id, 2);
    const failed = await untilStatus(job.id, 'failed');
    expect(failed.error?.code).toBe('worker_lost');
  }, 20_000);

  it('interrupts what still runs at the shutdown and leaves it for another process', async () => {
    const first = await createOther();
    await first.process('handed-over', async (job) => {
      await new Promise((_, reject) => {
        job.signal.addEventListener('abort', () => {
          reject(job.signal.reason as Error);
        });
      });
      return null;
    });
    const job = await enqueue('handed-over');
    await untilStatus(job.id, 'running');
    await first.beforeApplicationShutdown();
    others.splice(0);
    expect(await queue.find(PROJECT, job.id)).toMatchObject({ status: 'queued', error: null });
    await queue.process('handed-over', ({ attempt }) => Promise.resolve({ attempt }));
    expect(await untilStatus(job.id, 'succeeded')).toMatchObject({ result: { attempt: 2 } });
  }, 20_000);

  it('says whether it is healthy', async () => {
    expect(await queue.isHealthy()).toBe(true);
    expect(await world.createQueue().isHealthy()).toBe(false);
  });
});
