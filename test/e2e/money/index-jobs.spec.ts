import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JobQueueSettings } from '../../../src/jobs/job-queue-settings.js';
import { type KeyTerms, MoneyBench, type TestKey } from './money-bench.js';

const bench = new MoneyBench();

interface JobRow {
  status: string;
  attempt: number;
  error_code: string | null;
}

describe('money: index jobs', () => {
  beforeAll(async () => {
    await bench.start();
    Object.assign(bench.app.nest.get(JobQueueSettings), { postponementMaxSeconds: 1 });
  });

  beforeEach(() => {
    bench.reset();
  });

  afterAll(async () => {
    await bench.stop();
  });

  describe('a job whose key has no money or no requests left', () => {
    it.each<[string, KeyTerms, KeyTerms, string]>([
      [
        'waits for the budget',
        { budgets: [{ window: 'month', amount_usd: 0.0000000001 }] },
        { budgets: [{ window: 'month', amount_usd: 1 }] },
        'insufficient_quota',
      ],
      [
        'waits for the limit',
        { limits: { requests_per_minute: 1 } },
        { limits: { requests_per_minute: 100 } },
        'rate_limit_exceeded',
      ],
    ])('%s, and goes on when it is raised', async (name, terms, raised, code) => {
      const key = await bench.createKey(terms);
      const jobs = [await index(key, `${name} 1`), await index(key, `${name} 2`), await index(key, `${name} 3`)];
      const waiting = await untilOne(
        jobs,
        (job) => job.status === 'queued' && job.error_code === code && job.attempt > 1,
      );
      expect(waiting).toMatchObject({ status: 'queued', error_code: code });
      await bench.app.request('PATCH', `/admin/keys/${key.id}`, { text: JSON.stringify(raised) });
      for (const job of jobs) expect(await bench.app.waitForJob(job, key)).toMatchObject({ status: 'succeeded' });
    });

    it('fails when it asks for more than the limit ever allows', async () => {
      const key = await bench.createKey({ limits: { tokens_per_minute: 1 } });
      const job = await bench.app.waitForJob(await index(key, 'too much'), key);
      expect(job).toMatchObject({ status: 'failed', error: { code: 'rate_limit_exceeded' } });
    });
  });

  async function index({ key }: TestKey, source: string): Promise<string> {
    const content = `The bar-tailed godwit flies without a stop. ${source}`;
    const response = await bench.app.post('/v1/index', { source, content, collection: 'paid' }, { key });
    return ((await response.json()) as { job_id: string }).job_id;
  }

  async function untilOne(jobs: readonly string[], accepts: (job: JobRow) => boolean): Promise<JobRow> {
    for (;;) {
      const rows = await bench.query<JobRow>(`select status, attempt, error_code from job where id = any($1)`, [jobs]);
      const found = rows.find(accepts);
      if (found) return found;
      if (rows.every(({ status }) => status === 'failed')) throw new Error(`All failed: ${JSON.stringify(rows)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
});
