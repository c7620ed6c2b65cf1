import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import { JobFailure, type RunningJob } from '../../jobs/job.js';
import type { CollectionEntity } from '../collections/collection.entity.js';
import { JobCalls } from '../indexing/job-calls.js';
import { toPostponement } from '../indexing/to-postponement.js';
import { RetrievalService } from '../retrieval/retrieval.service.js';
import { toRetrievalOptions } from '../retrieval/to-retrieval-options.js';
import type { EvaluationSettingDto } from './evaluation.dto.js';

const RESULTS = 100;
// A limit of requests a minute lets the next one through within that time; a budget does not, and is not waited for.
const MAX_PAUSE_MS = 60_000;
const PAUSE_MS = 5_000;

/** What a search ranked. */
export interface RankedDocuments {
  /** Document ids, best first, each once. */
  ranking: string[];
  ms: number;
  /** What could not be done as asked. */
  warnings: readonly string[];
}

/** Searches in the name of a job's key and takes the time. */
@Injectable()
export class MeasuredSearch {
  constructor(
    private readonly retrieval: RetrievalService,
    private readonly calls: JobCalls,
    private readonly clock: Clock,
  ) {}

  /**
   * The documents that a search ranks, and how long it took. A limit of the key is waited for; its other refusals and the
   * failures of providers reject.
   */
  async run(
    collection: CollectionEntity,
    text: string,
    setting: EvaluationSettingDto,
    job: RunningJob<JsonObject>,
  ): Promise<RankedDocuments> {
    for (;;) {
      try {
        return await this.#search(collection, text, setting, job);
      } catch (error) {
        const postponement = job.signal.aborted ? null : toPostponement(error);
        if (!postponement || postponement.code === 'insufficient_quota') throw error;
        const pauseMs = Number.isFinite(postponement.delayMs) ? postponement.delayMs : PAUSE_MS;
        await this.clock.sleep(Math.min(pauseMs, MAX_PAUSE_MS), job.signal);
      }
    }
  }

  async #search(
    collection: CollectionEntity,
    text: string,
    setting: EvaluationSettingDto,
    job: RunningJob<JsonObject>,
  ): Promise<RankedDocuments> {
    const call = await this.#openCall(job);
    const onAbort = (): void => {
      call.abort(job.signal.reason as Error);
    };
    job.signal.addEventListener('abort', onAbort, { once: true });
    try {
      const startedAt = this.clock.monotonic();
      const options = { ...toRetrievalOptions(setting), limit: RESULTS };
      const { hits } = await this.retrieval.retrieve(collection, [text], options, call);
      const ms = this.clock.monotonic() - startedAt;
      return { ranking: [...new Set(hits.map((hit) => hit.documentId))], ms, warnings: call.warnings };
    } finally {
      job.signal.removeEventListener('abort', onAbort);
      call.finish();
    }
  }

  // Asked before every search: whoever lost the key spends nothing further with it.
  async #openCall(job: RunningJob<JsonObject>): Promise<CallContext> {
    const call = await this.calls.open(job);
    if (call) return call;
    throw new JobFailure(
      'invalid_api_key',
      'The key that asked for this is not valid any more. Ask again with one that is.',
    );
  }
}
