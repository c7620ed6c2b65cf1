import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ChatModels } from '../../chat/chat-models.js';
import type { CallContext } from '../../core/call-context.js';
import { AppError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import type { ResponseHead } from '../../dialects/openai-responses/responses-request.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { ResponseRun } from '../response-run.js';
import { ResponseStore } from '../store/response-store.js';
import { isOver, type StoredResponse } from '../store/stored-response.js';
import type { ToldResponse } from '../told-response.js';
import { toLoggedEvent } from './event-log.js';
import { insertEvents } from './event-store.js';
import { RESPONSE_JOB, type ResponseJobPayload } from './response-job.js';

/** `response.created` and `response.queued`; what follows is told when an attempt begins. */
const TOLD_AT_ONCE = 2;
/** Of a project, at once. */
const MOST_UNFINISHED = 1_000;
const RETRY_AFTER_MS = 10_000;

/** Responses that are answered when their clients have gone on: queued, and cancelled. */
@Injectable()
export class BackgroundResponses {
  constructor(
    private readonly dataSource: DataSource,
    private readonly store: ResponseStore,
    private readonly jobs: JobQueue,
    private readonly models: ChatModels,
  ) {}

  /**
   * Stores the request and queues its answer: resolves to the response as it stands. Rejects with
   * `model_not_found`, and with `concurrency_limit` for a project that has many under way.
   */
  async create(wanted: ToldResponse, head: ResponseHead, body: JsonObject, call: CallContext): Promise<JsonObject> {
    this.models.factsOf(wanted.chat.model);
    const { projectId, keyId } = call.principal;
    await this.#requireRoom(projectId);
    const run = new ResponseRun(head, wanted, projectId);
    const { response } = run;
    const isStreamed = wanted.chat.stream;
    const payload: ResponseJobPayload = {
      responseId: head.id,
      tags: [...call.tags],
      cache: call.cacheWish && { ...call.cacheWish },
    };
    await this.dataSource.transaction(async (manager) => {
      const background = { request: body, isStreamed };
      await this.store.insert({ ...run.toStored(), background }, manager);
      // Who reads along is told at once what the response is called.
      const told = isStreamed ? run.start().slice(0, TOLD_AT_ONCE) : [];
      await insertEvents(manager, head.id, told.map(toLoggedEvent));
      const job = await this.jobs.enqueue({ kind: RESPONSE_JOB, projectId, keyId, payload }, manager);
      await this.store.noteJob(head.id, job.id, manager);
    });
    return response;
  }

  // Each holds what it was asked until it is answered.
  async #requireRoom(projectId: string): Promise<void> {
    if ((await this.store.countUnfinished(projectId, MOST_UNFINISHED)) < MOST_UNFINISHED) return;
    throw new AppError(
      'concurrency_limit',
      `The project has ${String(MOST_UNFINISHED)} responses in the background that are not over. Wait for some of them.`,
      { retryAfterMs: RETRY_AFTER_MS },
    );
  }

  /** Stops what is under way of a response; one that is over stays as it is. Rejects with `invalid_state` for others. */
  async cancel(stored: StoredResponse, projectId: string): Promise<void> {
    if (!stored.isBackground || stored.jobId === null) {
      throw new AppError(
        'invalid_state',
        'Only responses that were created with `background: true` can be cancelled.',
        {
          param: 'response_id',
        },
      );
    }
    if (isOver(stored.status)) return;
    try {
      await this.jobs.cancel(projectId, stored.jobId);
    } catch (error) {
      // It ended just now, by itself.
      if (!(error instanceof AppError && error.code === 'invalid_state')) throw error;
    }
  }
}
