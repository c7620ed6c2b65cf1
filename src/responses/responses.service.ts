import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import { Clock } from '../core/clock.js';
import type { AppError } from '../core/errors/app-error.js';
import { newId } from '../core/ids.js';
import type { JsonObject } from '../core/json.js';
import type { ReadyIterator } from '../core/ready-iterator.js';
import type { SseFrame } from '../core/sse-frame.js';
import type { ResponseHead } from '../dialects/openai-responses/responses-request.js';
import { toResponsesFrame } from '../dialects/openai-responses/to-responses-frame.js';
import { ResponseAnswers } from './response-answers.service.js';
import { ResponseFrames } from './response-frames.js';
import { ResponseKeeper } from './response-keeper.service.js';
import { ResponseRun } from './response-run.js';
import type { ToldResponse } from './told-response.js';

const WARNING = 'The response could not be stored yet; it is tried again.';

/** A response that is sent as it comes. */
interface StreamedResponse {
  readonly frames: Promise<AsyncIterable<SseFrame>>;
  /** The frame that ends a stream that failed. */
  readonly renderFailure: (error: AppError) => SseFrame;
}

/** Answers requests for responses while their clients wait. */
@Injectable()
export class ResponsesService {
  constructor(
    private readonly answers: ResponseAnswers,
    private readonly keeper: ResponseKeeper,
    private readonly clock: Clock,
  ) {}

  /** What a new response is called. */
  newHead(): ResponseHead {
    return { id: newId('resp_'), createdAt: Math.floor(this.clock.now() / 1_000) };
  }

  /** The whole response, stored unless the client said no. Rejects with AppError; then nothing is stored. */
  async answer(told: ToldResponse, call: CallContext): Promise<JsonObject> {
    const run = this.#begin(told, call);
    const events = await this.answers.answer(told, call);
    run.start();
    const iterator = events[Symbol.asyncIterator]() as ReadyIterator<ChatEvent>;
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
      for (let event: ChatEvent | undefined = step.value; event; event = iterator.take?.()) run.add(event);
    }
    run.finish();
    await this.#keep(run, call);
    return run.response;
  }

  /**
   * The response as a stream. What fails before its head was sent rejects the frames; what fails later is its last event.
   */
  stream(told: ToldResponse, call: CallContext, isCommitted: () => boolean): StreamedResponse {
    const run = this.#begin(told, call);
    const keep = (ended: ResponseRun): Promise<void> => this.#keep(ended, call);
    let open: ResponseFrames | null = null;
    const toFrames = (events: AsyncIterable<ChatEvent>): ResponseFrames => {
      open = new ResponseFrames(events, run, keep);
      return open;
    };
    const frames = this.answers.answer(told, call).then(toFrames, (error: unknown) => {
      if (!isCommitted()) throw error;
      return toFrames(failing(error as Error));
    });
    const renderFailure = (error: AppError): SseFrame =>
      open?.lastFrame ?? toResponsesFrame(run.fail(error).at(-1) ?? { type: 'response.failed' });
    return { frames, renderFailure };
  }

  #begin(told: ToldResponse, call: CallContext): ResponseRun {
    return new ResponseRun(this.newHead(), told, call.principal.projectId);
  }

  async #keep(run: ResponseRun, call: CallContext): Promise<void> {
    if (!run.isStored) return;
    if (!(await this.keeper.keep(run.toStored()))) call.warnings.push(WARNING);
  }
}

/** Events of which there are none. */
function failing(error: Error): AsyncIterable<ChatEvent> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
