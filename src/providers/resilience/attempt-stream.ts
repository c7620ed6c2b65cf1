import { type ChatEvent, isContent } from '../../core/chat/chat-event.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';
import { ProviderError } from '../provider-error.js';
import { noteEvent } from './note-event.js';
import type { RunningAttempt } from './running-attempt.js';

type Result = IteratorResult<ChatEvent, undefined>;

const DONE: Result = { done: true, value: undefined };
/** More empty events than any real answer begins with; beyond it only memory would grow. */
const MAX_EVENTS_BEFORE_CONTENT = 10_000;

/**
 * The events of one attempt. `open` holds them back until the first content, and until then failures are ProviderErrors
 * that another attempt may mend; afterwards they are what `toStreamError` makes of them, and never a silent end. Written
 * by hand because a generator that is never started would not give back the permit and the socket that hang on it: whoever
 * stops early, or never starts, calls `return` or `close`.
 */
export class AttemptStream implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #attempt: RunningAttempt;
  readonly #source: ReadyIterator<ChatEvent>;
  readonly #toStreamError: (error: ProviderError) => Error;
  #held: ChatEvent[] = [];
  #position = 0;
  #hasCommitted = false;
  #hasFinished = false;
  /** Mostly one: a list costs less than a set. */
  readonly #openChoices: number[] = [];
  #isOver = false;
  #resolve: ((result: Result) => void) | null = null;
  #reject: ((error: Error) => void) | null = null;

  constructor(
    attempt: RunningAttempt,
    events: AsyncIterable<ChatEvent>,
    toStreamError: (error: ProviderError) => Error,
  ) {
    this.#attempt = attempt;
    this.#source = events[Symbol.asyncIterator]();
    this.#toStreamError = toStreamError;
  }

  /** Resolves at the first content, or at the end of an answer that is empty but complete. Rejects with a ProviderError. */
  async open(): Promise<void> {
    for (;;) {
      const result = await this.#pull();
      this.#attempt.responded();
      if (result.done) break;
      this.#held.push(this.#named(result.value));
      if (isContent(result.value)) {
        this.#attempt.timers.contentArrived();
        break;
      }
      if (this.#held.length > MAX_EVENTS_BEFORE_CONTENT) {
        throw this.#failed(new ProviderError('malformed', 'The provider sent only empty events.'));
      }
    }
    // The client left, or another attempt answered, while this event was on its way here.
    if (this.#attempt.cancelled) throw this.#failed(this.#attempt.cancelled);
    this.#hasCommitted = true;
    this.#attempt.commit(!this.#isOver);
  }

  next(): Promise<Result> {
    const held = this.#held[this.#position];
    if (held) {
      this.#position += 1;
      if (this.#position === this.#held.length) this.#held = [];
      return Promise.resolve({ done: false, value: held });
    }
    return this.#isOver ? Promise.resolve(DONE) : this.#pull();
  }

  take(): ChatEvent | undefined {
    const held = this.#held[this.#position];
    if (held) {
      this.#position += 1;
      if (this.#position === this.#held.length) this.#held = [];
      return held;
    }
    if (this.#isOver || this.#resolve || this.#attempt.cancelled) return undefined;
    const event = this.#source.take?.();
    if (!event) return undefined;
    this.#noteChoice(event);
    noteEvent(this.#attempt.record, event);
    return event;
  }

  return(): Promise<Result> {
    this.close();
    return Promise.resolve(DONE);
  }

  /** Gives everything back; does nothing once the stream is over. An answer that was finished by then has succeeded. */
  close(): void {
    this.#isOver = true;
    this.#held = [];
    if (this.#isWhole) this.#attempt.succeed();
    else this.#attempt.cancel('The rest of the answer was not wanted.');
    this.#closeSource();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  // Some servers do not say which model answered; it is the one that was asked.
  #named(event: ChatEvent): ChatEvent {
    if (event.type !== 'response-start') return event;
    this.#attempt.span?.answered(event.id, event.model);
    if (event.model !== '') return event;
    return { ...event, model: this.#attempt.record.model };
  }

  // One promise for the caller and the one that `then` makes; no closures, because this runs for every event.
  #pull(): Promise<Result> {
    if (this.#resolve) return Promise.reject(new Error('The next event was asked for before the last one came.'));
    return new Promise(this.#start);
  }

  readonly #start = (resolve: (result: Result) => void, reject: (error: Error) => void): void => {
    this.#resolve = resolve;
    this.#reject = reject;
    if (this.#attempt.cancelled) {
      this.#onError(this.#attempt.cancelled);
      return;
    }
    this.#attempt.timers.asked();
    this.#attempt.whileWaiting(this.#onError);
    try {
      this.#source.next().then(this.#onResult, this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  };

  readonly #onResult = (result: IteratorResult<ChatEvent, unknown>): void => {
    const resolve = this.#resolve;
    // The attempt was cancelled meanwhile, and whoever waited was told so.
    if (!resolve) return;
    this.#attempt.timers.arrived();
    if (!result.done) {
      this.#noteChoice(result.value);
      noteEvent(this.#attempt.record, result.value);
      this.#idle();
      resolve(result);
    } else if (this.#hasFinished) {
      this.#isOver = true;
      this.#idle();
      this.#attempt.succeed();
      resolve(DONE);
    } else {
      this.#onError(
        new ProviderError('interrupted', 'The stream of the provider ended before the answer was complete.'),
      );
    }
  };

  readonly #onError = (thrown: unknown): void => {
    const reject = this.#reject;
    const resolve = this.#resolve;
    if (!reject || !resolve) return;
    this.#idle();
    if (this.#attempt.cancelled && this.#hasCommitted && this.#isWhole) {
      // We ended it, and nothing was missing but the provider's own goodbye.
      this.close();
      resolve(DONE);
    } else reject(this.#failed(thrown));
  };

  // Every choice that began has ended.
  get #isWhole(): boolean {
    return this.#hasFinished && this.#openChoices.length === 0;
  }

  #noteChoice(event: ChatEvent): void {
    if (!('choice' in event)) return;
    if (event.type !== 'finish') {
      if (!this.#openChoices.includes(event.choice)) this.#openChoices.push(event.choice);
      return;
    }
    this.#hasFinished = true;
    this.#attempt.span?.choiceEnded(event.finishReason);
    const index = this.#openChoices.indexOf(event.choice);
    if (index >= 0) this.#openChoices.splice(index, 1);
    // An end without content may still become another attempt.
    if (this.#hasCommitted && this.#openChoices.length === 0) this.#attempt.complete();
  }

  #failed(thrown: unknown): Error {
    this.#isOver = true;
    const error = this.#attempt.fail(thrown);
    this.#closeSource();
    return this.#hasCommitted ? this.#toStreamError(error) : error;
  }

  #idle(): void {
    this.#resolve = null;
    this.#reject = null;
    this.#attempt.whileWaiting(null);
  }

  #closeSource(): void {
    // A source that cannot even be closed properly has nothing left to tell.
    this.#source.return?.().catch(() => undefined);
  }
}
