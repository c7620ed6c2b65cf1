import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AppError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { JobFailure, type RunningJob } from '../../jobs/job.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { BackgroundStore } from './background-store.js';
import { toAnnouncement } from './announce-response.js';
import { closeUnanswered } from './close-unanswered.js';
import { ResponseAttempts } from './response-attempts.service.js';
import { ResponseCalls } from './response-calls.js';
import { RESPONSE_JOB, type ResponseJobPayload } from './response-job.js';

/** Each of them waits for a model most of the time. */
const CONCURRENCY = 8;

/** Runs the jobs that answer in the background. */
@Injectable()
export class ResponseWorker implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: JobQueue,
    private readonly store: BackgroundStore,
    private readonly calls: ResponseCalls,
    private readonly attempts: ResponseAttempts,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.process<ResponseJobPayload>(RESPONSE_JOB, (job) => this.run(job), {
      concurrency: CONCURRENCY,
      scope: 'chat',
      cleanUp: closeUnanswered,
      announce: toAnnouncement,
    });
  }

  /** One attempt at a job. Resolves to what the job's owner sees as its result. */
  async run(job: RunningJob<ResponseJobPayload>): Promise<JsonObject> {
    const id = job.payload.responseId;
    const begun = await this.store.begin(job.projectId, id);
    if (!begun) return this.#toResult(id);
    const call = await this.calls.open(job).catch(refuse);
    try {
      const status = await this.attempts.make(job, begun, call);
      return { response_id: id, status: status ?? (await this.store.statusOf(id)) };
    } finally {
      call.finish();
    }
  }

  // An attempt before this one ended it and did not live to say so; or it is over for good, or gone.
  async #toResult(id: string): Promise<JsonObject> {
    const status = await this.store.statusOf(id);
    if (status !== 'failed') return { response_id: id, status };
    throw new JobFailure('invalid_state', 'The response has failed. Ask anew with POST /v1/responses.');
  }
}

// What the key may not do now it may not do later either.
function refuse(error: unknown): never {
  if (!(error instanceof AppError) || error.category === 'server') throw error;
  throw new JobFailure(error.code, error.message, { cause: error });
}
