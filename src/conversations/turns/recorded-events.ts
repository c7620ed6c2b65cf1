import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';

type Result = IteratorResult<ChatEvent, undefined>;

/** Who keeps what passes by. None of it rejects. */
export interface Recorder {
  add(event: ChatEvent): void;
  /** Resolves when the answer is stored; an error says why it is not whole. Only the first call does anything. */
  end(error: Error | null): Promise<void>;
}

/** The same events, kept on their way. The answer is stored before its end is passed on: who asks again then finds it. */
export class RecordedEvents implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #source: ReadyIterator<ChatEvent>;
  readonly #recorder: Recorder;

  constructor(events: AsyncIterable<ChatEvent>, recorder: Recorder) {
    this.#source = events[Symbol.asyncIterator]();
    this.#recorder = recorder;
  }

  next(): Promise<Result> {
    return this.#source.next().then(this.#onResult, this.#onFailure);
  }

  /** An event that is there already; undefined when the next one has to be waited for. */
  take(): ChatEvent | undefined {
    try {
      const event = this.#source.take?.();
      if (event) this.#recorder.add(event);
      return event;
    } catch (error) {
      void this.#recorder.end(error as Error);
      throw error;
    }
  }

  async return(): Promise<Result> {
    const ended = this.#recorder.end(new Error('Nobody read the answer to its end.'));
    await this.#source.return?.();
    await ended;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #onResult = (result: IteratorResult<ChatEvent, unknown>): Result | Promise<Result> => {
    if (result.done !== true) {
      this.#recorder.add(result.value);
      return result;
    }
    return this.#recorder.end(null).then(() => ({ done: true, value: undefined }));
  };

  readonly #onFailure = async (error: Error): Promise<never> => {
    await this.#recorder.end(error);
    throw error;
  };
}
