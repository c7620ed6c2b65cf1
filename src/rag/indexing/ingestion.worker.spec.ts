import { describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../core/clock.js';
import type { RunningJob } from '../../jobs/job.js';
import type { JobQueue } from '../../jobs/job-queue.js';
import type { DocumentIngestion } from './document-ingestion.js';
import type { IndexJobPayload } from './index-job.js';
import { IngestionWorker } from './ingestion.worker.js';
import type { VersionSource } from './version-source.js';

const FILE_BYTES = 1_000;
const TEXT_BYTES = 20_000_000;

describe('IngestionWorker', () => {
  it('gives a small file that holds a long text the room of its text', async () => {
    const extracted = new Set<string>();
    let [working, most] = [0, 0];
    const source = {
      measure: ({ id }: { id: string }) =>
        Promise.resolve(extracted.has(id) ? { bytes: TEXT_BYTES, isFile: false } : { bytes: FILE_BYTES, isFile: true }),
      extract: ({ id }: { id: string }) => Promise.resolve(void extracted.add(id)),
      read: () => Promise.resolve({ text: 'text' }),
    };
    const ingestion = {
      ingest: async () => {
        working += 1;
        most = Math.max(most, working);
        for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
        working -= 1;
        return 1;
      },
    };
    const worker = new IngestionWorker(
      {} as JobQueue,
      source as unknown as VersionSource,
      ingestion as unknown as DocumentIngestion,
      new SystemClock(),
    );
    const jobs = ['a', 'b', 'c'].map((id) => {
      const payload = { documentId: id, version: 1 };
      return { id, projectId: 'p', payload, signal: new AbortController().signal } as unknown as Job;
    });
    const results = await Promise.all(jobs.map((job) => worker.run(job)));
    expect(results.map(({ chunks }) => chunks)).toEqual([1, 1, 1]);
    expect(extracted.size).toBe(3);
    expect(most).toBe(1);
  });
});

type Job = RunningJob<IndexJobPayload>;
