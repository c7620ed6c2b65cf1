import { Injectable } from '@nestjs/common';
import { KeyPrincipals } from '../../auth/key-principals.js';
import { Clock } from '../../core/clock.js';
import { JobPostponement, type RunningJob } from '../../jobs/job.js';
import type { BatchJobPayload } from '../batch-job.js';
import { LineStore } from '../store/line-store.js';
import type { BatchRow } from '../store/stored-batch.js';
import { BatchRun } from './batch-run.js';
import { LineCalls } from './line-calls.js';
import { LineDesk } from './line-desk.js';
import { LineRunners } from './line-runners.service.js';
import { LineSlots } from './line-slots.js';
import { LineWorker } from './line-worker.js';

/** Works on the lines of batches. */
@Injectable()
export class BatchLines {
  constructor(
    private readonly store: LineStore,
    private readonly slots: LineSlots,
    private readonly runners: LineRunners,
    private readonly principals: KeyPrincipals,
    private readonly clock: Clock,
  ) {}

  /**
   * Gets every line a result that has none. Resolves to how the batch ends; rejects with JobPostponement when it has to wait,
   * and with what else ends the attempt.
   */
  async work(job: RunningJob<BatchJobPayload>, batch: BatchRow): Promise<'completed' | 'expired'> {
    const { id, total, tags } = batch;
    const { clock, slots } = this;
    const suspects = await this.store.recover(job, id);
    // The queue counts attempts whose process died; one that gets on is not to be given up.
    if (job.isLastAttempt && (await this.store.renew(job, id))) throw goesOn(0);
    const calls = new LineCalls(job, tags, this.principals, clock);
    const worker = new LineWorker(calls, this.runners, clock, job.signal);
    const desk = new LineDesk((exchange) => this.store.exchange(job, id, exchange), clock, {
      suspects,
      onDone: (done) => {
        job.progress(done, total).catch(() => undefined);
      },
    });
    const parts = { desk, worker, slots, clock, batchId: id, lanes: slots.size, signal: job.signal };
    const run = new BatchRun({ ...parts, expiresAtMs: batch.expires_at.getTime() }, () => this.store.doOthersWait());
    const end = await run.run();
    if ((await this.store.countOpen(id)) === 0) return 'completed';
    if (end === 'expired') return end;
    // A line was taken by a visit whose answer was lost.
    throw goesOn(1_000);
  }
}

function goesOn(delayMs: number): JobPostponement {
  return new JobPostponement('batch_goes_on', 'The batch goes on in a moment.', delayMs);
}
