import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { JobRunner } from '../../../src/jobs/job-runner.js';
import { WebhookSender } from '../../../src/jobs/webhooks/webhook-sender.service.js';
import type { TestApp } from '../../support/test-app.js';
import { verified } from '../webhooks/hook-world.js';
import { ReplicaBench, told, until } from './replica-bench.js';

interface Job {
  status: string;
}
interface Ready {
  status: string;
  details: Record<string, { status: string }>;
}

describe('one process for requests, one for jobs', () => {
  const bench = new ReplicaBench();
  let api: TestApp;
  let worker: TestApp;
  let jobId: string;
  let batchId: string;
  let secret: string;

  const ready = (app: TestApp): Promise<Ready> => told(app.get('/health/ready', { key: null }));
  const jobStatus = async (): Promise<string> => (await told<Job>(api.get(`/v1/jobs/${jobId}`))).status;

  beforeAll(async () => {
    await bench.start();
    api = await bench.add({ ROLE: 'api' });
  });
  afterAll(() => bench.stop());

  it('the first alone queues jobs and says that nobody runs them', async () => {
    const run = jest.spyOn(api.nest.get(JobRunner), 'run');
    const events = ['batch.completed', 'index.succeeded'];
    const hook = await told<{ secret: string }>(
      api.post('/v1/webhooks', { url: `${bench.receiver.url}/hook`, events }),
    );
    ({ secret } = hook);
    ({ job_id: jobId } = await told<{ job_id: string }>(
      api.post('/v1/index', { source: 'birds', content: 'Godwits fly from Alaska to New Zealand.' }),
    ));
    const requests = [
      {
        custom_id: 'a',
        url: '/v1/chat/completions',
        body: { model: 'chat', messages: [{ role: 'user', content: 'Hi' }] },
      },
    ];
    ({ id: batchId } = await told<{ id: string }>(api.post('/v1/batches', { requests })));
    // More than one heartbeat, by which time a worker of its own would have taken them.
    const alone = await until(
      () => ready(api),
      ({ status }) => status === 'degraded',
    );
    expect(alone.details).toMatchObject({ role: { message: 'api' }, workers: { status: 'degraded' } });
    expect(await jobStatus()).toBe('queued');
    expect(run).not.toHaveBeenCalled();
    expect(await (await api.get('/metrics')).text()).toMatch(/^trunkline_queue_depth\{queue="index"\} 1$/m);
  });

  it('the second does them all, tells webhooks, and the first runs none', async () => {
    const run = jest.spyOn(api.nest.get(JobRunner), 'run');
    const send = jest.spyOn(api.nest.get(WebhookSender), 'send');
    worker = await bench.add({ ROLE: 'worker' });
    expect(await until(jobStatus, (status) => status === 'succeeded')).toBe('succeeded');
    const batch = await until(
      () => told<{ status: string; request_counts: object }>(api.get(`/v1/batches/${batchId}`)),
      ({ status }) => status === 'completed',
    );
    expect(batch.request_counts).toEqual({ total: 1, completed: 1, failed: 0 });
    await bench.receiver.waitForVisits(2);
    const types = bench.receiver.visits.map((visit) => (verified(visit, secret) as { type: string }).type);
    expect(types.sort()).toEqual(['batch.completed', 'index.succeeded']);
    expect(run).not.toHaveBeenCalled();
    expect(send).not.toHaveBeenCalled();
    const answer = await told<{ answer: string }>(
      api.post('/v1/query', { question: 'Where do godwits fly?', model: 'local/extractive' }),
    );
    expect(answer.answer).toContain('Alaska');
  });

  it('the first cancels and tries again what only the second can run', async () => {
    bench.lab.hang().forever();
    const requests = [
      {
        custom_id: 'a',
        url: '/v1/chat/completions',
        body: { model: 'chat', messages: [{ role: 'user', content: 'Hi' }] },
      },
    ];
    const { id } = await told<{ id: string }>(api.post('/v1/batches', { requests }));
    await bench.lab.waitForRequests(2);
    await told(api.post(`/v1/batches/${id}/cancel`, {}));
    await bench.lab.waitForClose();
    const over = await until(
      () => told<{ status: string }>(api.get(`/v1/batches/${id}`)),
      ({ status }) => status === 'cancelled',
    );
    expect(over.status).toBe('cancelled');
    bench.lab.reset();
  });

  it('the second answers probes and metrics, and nothing else', async () => {
    expect(await ready(worker)).toMatchObject({ status: 'ok', details: { role: { message: 'worker' } } });
    expect((await worker.get('/health/live', { key: null })).status).toBe(200);
    expect((await worker.get('/metrics', { key: null })).status).toBe(200);
    for (const path of ['/', '/docs', '/openapi.json', '/v1/models', '/v1/chat/ws', '/admin/keys', '/metrics/x']) {
      const refused = await worker.get(path);
      expect([path, refused.status, await refused.json()]).toMatchObject([
        path,
        404,
        { error: { code: 'not_found', message: expect.stringContaining('ROLE=worker') } },
      ]);
    }
    const asked = await worker.post('/v1/chat', { message: 'Hello' });
    expect(asked.status).toBe(404);
  });
});
