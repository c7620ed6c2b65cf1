import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { Clock } from '../../core/clock.js';
import { AppError, ClientGoneError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';
import { toAppError } from '../../http/to-app-error.js';
import { JobFailure, type RunningJob } from '../../jobs/job.js';
import { ResponseAnswers } from '../response-answers.service.js';
import { ResponseRequests } from '../response-requests.service.js';
import { ResponseRun } from '../response-run.js';
import type { ResponseStatus } from '../store/stored-response.js';
import { BackgroundStore, type BegunResponse } from './background-store.js';
import { EventLog } from './event-log.js';
import { isShuttingDown, toPostponement } from './job-outcome.js';
import type { ResponseJobPayload } from './response-job.js';

type Job = RunningJob<ResponseJobPayload>;

/** An attempt under way. */
interface Attempt {
  readonly job: Job;
  readonly id: string;
  readonly run: ResponseRun;
  readonly log: EventLog | null;
  /** Whether something of the answer was told to whoever reads along. */
  isToldOf: boolean;
}

/** How often an end is tried to be stored: for about half a minute. */
const MOST_WRITES = 8;
const WRITE_AGAIN_MS = 1_000;
const LOST = 'The server stopped while the response was being written, and somebody was reading along. Ask again.';

/** Makes one attempt at a response in the background. */
@Injectable()
export class ResponseAttempts {
  constructor(
    private readonly store: BackgroundStore,
    private readonly requests: ResponseRequests,
    private readonly answers: ResponseAnswers,
    private readonly clock: Clock,
  ) {}

  /**
   * Resolves to how the response ended; null when the attempt is not to be the one that ends it. Rejects with JobFailure,
   * with the response stored as failed, and with what lets the job be tried again.
   */
  async make(job: Job, begun: BegunResponse, call: CallContext): Promise<ResponseStatus | null> {
    // Who reads along cannot be told anything else in the place of what they have.
    if (begun.wasToldOf) throw new JobFailure('server_shutting_down', LOST);
    const onAbort = (): void => {
      call.abort(new ClientGoneError());
    };
    job.signal.addEventListener('abort', onAbort, { once: true });
    if (job.signal.aborted) onAbort();
    try {
      return await this.#answer(job, begun, call);
    } finally {
      job.signal.removeEventListener('abort', onAbort);
    }
  }

  async #answer(job: Job, begun: BegunResponse, call: CallContext): Promise<ResponseStatus | null> {
    const { id, createdAt, isStreamed, request } = begun;
    const told = await this.requests.read(request, call).catch((error: unknown) => this.#refuse(job, begun, error));
    const run = new ResponseRun({ id, createdAt }, told, job.projectId);
    const log = isStreamed ? new EventLog(this.clock, (events) => this.store.append(job, id, events)) : null;
    const attempt = { job, id, run, log, isToldOf: false };
    const start = run.start();
    try {
      await log?.add(start);
      await this.#read(attempt, await this.answers.answer(told, call));
    } catch (error) {
      return await this.#fail(attempt, begun, error);
    }
    return (await this.#end(attempt, run.finish())) ? run.status : null;
  }

  async #read(attempt: Attempt, events: AsyncIterable<ChatEvent>): Promise<void> {
    const { run, log } = attempt;
    const iterator = events[Symbol.asyncIterator]() as ReadyIterator<ChatEvent>;
    try {
      for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
        for (let event: ChatEvent | undefined = step.value; event; event = iterator.take?.()) {
          const made = run.add(event);
          if (!log || made.length === 0) continue;
          attempt.isToldOf = true;
          await log.add(made);
        }
      }
    } finally {
      // The provider may be well where the log is not, and a failed end takes its time to be stored.
      await iterator.return?.();
    }
  }

  async #end({ job, id, run, log }: Attempt, last: readonly (JsonObject | string)[]): Promise<boolean> {
    const events = log ? await log.close(last) : [];
    const ended = { status: run.status, body: run.body, output: run.output };
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.store.end(job, id, ended, events);
      } catch (error) {
        // The answer is paid for, and the next attempt would have to ask for another one.
        if (job.signal.aborted || failures >= MOST_WRITES) throw error;
        await this.clock.sleep(WRITE_AGAIN_MS * failures, job.signal);
      }
    }
  }

  // Nothing can be said of what cannot even be read: the end of the job is the end of the response.
  async #refuse(job: Job, begun: BegunResponse, thrown: unknown): Promise<never> {
    const error = toAppError(thrown);
    if (job.signal.aborted || error.category === 'server') {
      await this.store.requeue(job, begun.id);
      throw thrown;
    }
    throw new JobFailure(error.code, error.message, { cause: thrown });
  }

  async #fail(attempt: Attempt, begun: BegunResponse, thrown: unknown): Promise<ResponseStatus | null> {
    const { job, id, run, log, isToldOf } = attempt;
    const { signal } = job;
    const error = signal.aborted ? new AppError('server_shutting_down', LOST) : toAppError(thrown);
    const again = signal.aborted ? thrown : this.#again(error, job, begun);
    // A job that was cancelled or taken over has nothing to write any more.
    const isLost = isToldOf && (!signal.aborted || isShuttingDown(signal));
    if (again !== null && !isLost) {
      await log?.close([]);
      await this.store.requeue(job, id);
      throw again as Error;
    }
    const isEnded = await this.#end(attempt, run.fail(error));
    // Whoever stops a job does not hear how it ends.
    if (signal.aborted) return isEnded ? run.status : null;
    throw new JobFailure(error.code, error.message, { cause: thrown });
  }

  /** What lets the job be tried again; null when it is not to be. */
  #again(error: AppError, job: Job, { createdAt }: BegunResponse): Error | null {
    const waitedMs = this.clock.now() - createdAt * 1_000;
    const postponement = toPostponement(error, waitedMs);
    if (postponement) return postponement;
    return error.code === 'dependency_unavailable' && !job.isLastAttempt ? error : null;
  }
}
