import type { CancelSignal } from '../../core/cancellation.js';
import type { Clock } from '../../core/clock.js';
import type { SseFrame } from '../../core/sse-frame.js';
import { isOver } from '../store/stored-response.js';
import type { LoggedEvent } from './event-log.js';
import type { EventStore } from './event-store.js';

type Result = IteratorResult<SseFrame, undefined>;

/** The embedded database has no notifications. Where nothing comes for a while, less is looked for. */
const LOOK_EVERY_MS = 200;
const SELDOM_EVERY_MS = 1_000;
const OFTEN_LOOKS = 25;

/** Whose events are read, and from where on. */
interface TailPlace {
  readonly id: string;
  /** The number of the last event that is known; -1 for none. */
  readonly after: number;
  readonly signal: CancelSignal;
}

/** The events of a response in the background as they come, until it is over or the signal fires. */
export class EventTail implements AsyncIterableIterator<SseFrame, undefined> {
  #ready: LoggedEvent[] = [];
  #position = 0;
  #last: number;
  #isClosed = false;

  constructor(
    private readonly place: TailPlace,
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {
    this.#last = place.after;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Result> {
    let isEnd = false;
    let looks = 0;
    while (!this.#isClosed) {
      const frame = this.take();
      if (frame) return { done: false, value: frame };
      await this.#read();
      if (this.#ready.length > 0) continue;
      if (isEnd) break;
      // What was written before the end is there once the end is.
      isEnd = await this.#isOver();
      looks += 1;
      const pauseMs = looks > OFTEN_LOOKS ? SELDOM_EVERY_MS : LOOK_EVERY_MS;
      if (!isEnd) await this.clock.sleep(pauseMs, this.place.signal);
    }
    return { done: true, value: undefined };
  }

  take(): SseFrame | undefined {
    const event = this.#ready[this.#position];
    if (!event) return undefined;
    this.#position += 1;
    this.#last = event.sequence;
    return { event: event.name, data: event.content };
  }

  return(): Promise<Result> {
    this.#isClosed = true;
    this.#ready = [];
    return Promise.resolve({ done: true, value: undefined });
  }

  async #read(): Promise<void> {
    this.#ready = await this.store.after(this.place.id, this.#last);
    this.#position = 0;
  }

  async #isOver(): Promise<boolean> {
    const status = await this.store.statusOf(this.place.id);
    return status === null || isOver(status);
  }
}
