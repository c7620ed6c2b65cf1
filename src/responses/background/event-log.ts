import type { Clock } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import { toResponsesFrame } from '../../dialects/openai-responses/to-responses-frame.js';

/** One event of a stream as it is kept. */
export interface LoggedEvent {
  readonly sequence: number;
  readonly name: string;
  /** The event as JSON. */
  readonly content: string;
}

/** Writes events where others read along; rejects when that has to wait. */
type Write = (events: readonly LoggedEvent[]) => Promise<void>;

const WRITE_EVERY_MS = 150;
/** Those who make events faster than they can be written wait for the writer. */
const MOST_WAITING = 5_000;

/** The events of one response, numbered from 0 and written a few times a second. */
export class EventLog {
  #next = 0;
  #waiting: LoggedEvent[] = [];
  #cancelTimer: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly clock: Clock,
    private readonly write: Write,
  ) {}

  /** Resolves at once, unless much waits to be written. */
  async add(events: readonly (JsonObject | string)[]): Promise<void> {
    for (const event of events) this.#waiting.push(toLoggedEvent(event, this.#next++));
    if (this.#waiting.length >= MOST_WAITING) await this.#flush();
    else this.#schedule();
  }

  /** Writes nothing more: what is left to write, with the last events, when no write is under way. */
  async close(events: readonly (JsonObject | string)[]): Promise<LoggedEvent[]> {
    this.#cancelTimer?.();
    for (const event of events) this.#waiting.push(toLoggedEvent(event, this.#next++));
    await this.#writing;
    this.#cancelTimer?.();
    return this.#waiting.splice(0);
  }

  #schedule(): void {
    if (this.#waiting.length === 0) return;
    this.#cancelTimer ??= this.clock.schedule(() => void this.#flush(), WRITE_EVERY_MS);
  }

  #flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#writing = this.#writing.then(() => this.#writeWaiting());
    return this.#writing;
  }

  async #writeWaiting(): Promise<void> {
    const events = this.#waiting;
    this.#waiting = [];
    try {
      if (events.length > 0) await this.write(events);
    } catch {
      // The next write carries them; the last one is that of the response's end.
      this.#waiting = [...events, ...this.#waiting];
    }
  }
}

/** An event as it is kept under its number. */
export function toLoggedEvent(event: JsonObject | string, sequence: number): LoggedEvent {
  const { event: name, data } = toResponsesFrame(event);
  return { sequence, name: name ?? 'message', content: data };
}
