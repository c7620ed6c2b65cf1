import type { ChatEvent } from '../core/chat/chat-event.js';
import { ClientGoneError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import type { ReadyIterator } from '../core/ready-iterator.js';
import type { SseFrame } from '../core/sse-frame.js';
import { toResponsesFrame } from '../dialects/openai-responses/to-responses-frame.js';
import { toAppError } from '../http/to-app-error.js';
import type { ResponseRun } from './response-run.js';

type Result = IteratorResult<SseFrame, undefined>;

/** Stores how a response ended. Never rejects. */
type Keep = (run: ResponseRun) => Promise<void>;

/**
 * The frames of a response. It is stored before its end goes out, so that whoever goes on from it finds it; one that
 * fails or is left is stored too. A failure is thrown when all before it was read; `lastFrame` tells it.
 */
export class ResponseFrames implements AsyncIterableIterator<SseFrame, undefined> {
  readonly #source: ReadyIterator<ChatEvent>;
  readonly #run: ResponseRun;
  readonly #keep: Keep;
  #ready: (JsonObject | string)[];
  #position = 0;
  #isOver = false;
  /** What the source failed with while it was asked for what it has. */
  #thrown: { readonly error: unknown } | null = null;
  #failure: Error | null = null;
  #lastFrame: SseFrame | null = null;

  constructor(events: AsyncIterable<ChatEvent>, run: ResponseRun, keep: Keep) {
    this.#source = events[Symbol.asyncIterator]();
    this.#run = run;
    this.#keep = keep;
    this.#ready = [...run.start()];
  }

  /** The frame that says why the response failed; null while it has not. */
  get lastFrame(): SseFrame | null {
    return this.#lastFrame;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Result> {
    for (;;) {
      const value = this.#shift();
      if (value) return { done: false, value };
      if (this.#failure) {
        const failure = this.#failure;
        this.#failure = null;
        throw failure;
      }
      if (this.#isOver) return { done: true, value: undefined };
      await this.#fill();
    }
  }

  take(): SseFrame | undefined {
    for (;;) {
      const frame = this.#shift();
      if (frame) return frame;
      if (this.#isOver || this.#thrown || this.#failure) return undefined;
      try {
        const event = this.#source.take?.();
        if (!event) return undefined;
        this.#set(this.#run.add(event));
      } catch (error) {
        this.#thrown = { error };
        return undefined;
      }
    }
  }

  async return(): Promise<Result> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#ready = [];
      this.#run.cancel();
      await Promise.all([this.#source.return?.(), this.#keep(this.#run)]);
    }
    return { done: true, value: undefined };
  }

  #shift(): SseFrame | undefined {
    const event = this.#ready[this.#position];
    if (event === undefined) return undefined;
    this.#position += 1;
    return toResponsesFrame(event);
  }

  #set(events: readonly (JsonObject | string)[]): void {
    this.#ready = events as (JsonObject | string)[];
    this.#position = 0;
  }

  async #fill(): Promise<void> {
    try {
      if (this.#thrown) throw this.#thrown.error;
      const step = await this.#source.next();
      if (this.#isOver) return;
      if (step.done === true) await this.#finish();
      else this.#set(this.#run.add(step.value));
    } catch (error) {
      if (!this.#isOver) await this.#break(error);
    }
  }

  async #finish(): Promise<void> {
    const events = this.#run.finish();
    this.#isOver = true;
    await this.#keep(this.#run);
    this.#set(events);
  }

  async #break(thrown: unknown): Promise<void> {
    this.#isOver = true;
    // The source may be well, and what it gave was not understood.
    this.#source.return?.().catch(() => undefined);
    const events = thrown instanceof ClientGoneError ? [] : [...this.#run.fail(toAppError(thrown))];
    if (thrown instanceof ClientGoneError) this.#run.cancel();
    await this.#keep(this.#run);
    const last = events.pop();
    this.#lastFrame = last === undefined ? null : toResponsesFrame(last);
    this.#set(events);
    this.#failure = thrown as Error;
  }
}
