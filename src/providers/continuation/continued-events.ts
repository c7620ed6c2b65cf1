import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';
import type { AttemptStream } from '../resilience/attempt-stream.js';
import { DeliveredAnswer } from './delivered-answer.js';
import type { Seam } from './seam.js';

type Result = IteratorResult<ChatEvent, undefined>;

/** The rest of an answer: a stream whose first event was read already, where there is a `first`. */
export interface Rest {
  readonly stream: AttemptStream;
  readonly first: ChatEvent | null;
  readonly seam: Seam;
}

/** What an answer that breaks off needs. */
export interface Continuer {
  /** Null when nobody can go on; rejects when nobody waits any more. */
  resume(failure: unknown, delivered: DeliveredAnswer): Promise<Rest | null>;
  /** The rest is not wanted any more: whoever was asked for it is told so, and nobody else is asked. */
  abandon(): void;
  /** What all attempts at the answer came to. */
  usage(): TokenUsage | null;
}

const DONE: Result = { done: true, value: undefined };

/**
 * An answer that others end when the one who began it breaks off: one stream, with one beginning, one end and, behind the
 * first seam, one usage of all attempts. From there on no event carries a wire object.
 */
export class ContinuedEvents implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #continuer: Continuer;
  readonly #delivered = new DeliveredAnswer();
  #stream: AttemptStream;
  #seam: Seam | null = null;
  /** Events behind a seam that are to be passed on before the stream is asked again. */
  #ready: ChatEvent[] = [];
  #isResuming = false;
  #isOver = false;

  constructor(stream: AttemptStream, continuer: Continuer) {
    this.#stream = stream;
    this.#continuer = continuer;
  }

  next(): Promise<Result> {
    const ready = this.#ready.shift();
    if (ready) return Promise.resolve({ done: false, value: ready });
    if (this.#isOver) return Promise.resolve(DONE);
    return this.#stream.next().then(this.#onResult, this.#onError);
  }

  take(): ChatEvent | undefined {
    if (this.#isResuming) return undefined;
    for (;;) {
      const ready = this.#ready.shift();
      if (ready) return ready;
      const event = this.#isOver ? undefined : this.#source.take?.();
      if (!event) return undefined;
      if (!this.#seam) {
        this.#delivered.note(event);
        return event;
      }
      this.#pass(event, this.#seam);
    }
  }

  return(): Promise<Result> {
    this.#isOver = true;
    this.#ready = [];
    if (this.#isResuming) this.#continuer.abandon();
    this.#stream.close();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get #source(): ReadyIterator<ChatEvent> {
    return this.#stream;
  }

  readonly #onResult = (result: Result): Result | Promise<Result> => {
    if (this.#isOver) return DONE;
    if (!this.#seam) {
      if (!result.done) this.#delivered.note(result.value);
      return result;
    }
    if (result.done) this.#end();
    else this.#pass(result.value, this.#seam);
    return this.next();
  };

  readonly #onError = async (failure: unknown): Promise<Result> => {
    if (this.#isOver) return DONE;
    if (this.#delivered.hasFinished) {
      this.#end();
      return this.next();
    }
    const rest = await this.#resume(failure);
    if (this.#wasClosed) {
      rest?.stream.close();
      return DONE;
    }
    if (!rest) {
      this.#isOver = true;
      throw failure;
    }
    this.#stream = rest.stream;
    this.#seam = rest.seam;
    if (rest.first) this.#pass(rest.first, rest.seam);
    return this.next();
  };

  async #resume(failure: unknown): Promise<Rest | null> {
    this.#isResuming = true;
    try {
      return await this.#continuer.resume(failure, this.#delivered);
    } finally {
      this.#isResuming = false;
    }
  }

  // Whoever reads may have stopped while somebody was found.
  get #wasClosed(): boolean {
    return this.#isOver;
  }

  // Of an answer behind a seam: only what is new, and nothing of how it was read.
  #pass(event: ChatEvent, seam: Seam): void {
    switch (event.type) {
      case 'text-delta':
        this.#deliverText(seam.push(event.text));
        return;
      case 'response-start':
      case 'passthrough':
      case 'usage':
      // Thoughts after the words they led to would be out of place, and their signatures would be signs of another answer.
      case 'reasoning-delta':
        return;
      case 'warning':
        this.#deliver(event);
        return;
      default:
        this.#deliverText(seam.end());
        this.#deliver(withoutWire(event));
    }
  }

  #deliverText(text: string): void {
    if (text !== '') this.#deliver({ type: 'text-delta', choice: 0, text });
  }

  #deliver(event: ChatEvent): void {
    this.#delivered.note(event);
    this.#ready.push(event);
  }

  #end(): void {
    this.#isOver = true;
    const usage = this.#continuer.usage();
    if (usage) this.#ready.push({ type: 'usage', usage });
  }
}

function withoutWire(event: ChatEvent): ChatEvent {
  const { wire: _, ...rest } = event;
  return rest;
}
