import type { Clock } from '../../core/clock.js';
import { JobInterruption } from '../../jobs/job-interruption.js';
import type { Exchange, Exchanged } from '../store/line-store.js';
import type { LineOutcome, TakenLine } from './line-outcome.js';

/** One visit to where the lines are kept. */
type Visit = (exchange: Exchange) => Promise<Exchanged>;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Taker {
  readonly resolve: (line: TakenLine | null) => void;
  readonly reject: (error: unknown) => void;
}

const MOST_VISITS = 5;
const FIRST_PAUSE_MS = 250;

/**
 * Where the lanes of one attempt get lines and bring what became of them. What is asked for during a visit to the database
 * is done together by the next one. Lines over which a process may have died are handed out one at a time, with nobody else
 * at work, before all others: whoever is innocent comes through, and only what kills is given up.
 */
export class LineDesk {
  #takers: Taker[] = [];
  #settled: (Waiting & { readonly outcome: LineOutcome })[] = [];
  #released: (Waiting & { readonly ordinal: number })[] = [];
  #hasSuspects: boolean;
  #underWay = 0;
  #isBusy = false;

  constructor(
    private readonly visit: Visit,
    private readonly clock: Clock,
    { suspects, onDone }: { suspects: number; onDone: (done: number) => void },
  ) {
    this.#hasSuspects = suspects > 0;
    this.#onDone = onDone;
  }

  readonly #onDone: (done: number) => void;

  /** The next line; null when there is none left. */
  take(): Promise<TakenLine | null> {
    return new Promise((resolve, reject) => {
      this.#takers.push({ resolve, reject });
      void this.#serve();
    });
  }

  /** Resolves when the outcome is written down. */
  settle(outcome: LineOutcome): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settled.push({ outcome, resolve, reject });
      void this.#serve();
    });
  }

  /** Gives a line back as if it had not been taken. */
  release(ordinal: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#released.push({ ordinal, resolve, reject });
      void this.#serve();
    });
  }

  get #canTake(): boolean {
    return (
      this.#takers.length > 0 && !(this.#hasSuspects && this.#underWay > this.#settled.length + this.#released.length)
    );
  }

  async #serve(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#settled.length > 0 || this.#released.length > 0 || this.#canTake) await this.#serveOnce();
    this.#isBusy = false;
  }

  async #serveOnce(): Promise<void> {
    const onlySuspects = this.#hasSuspects;
    const takers = this.#canTake ? this.#takers.splice(0, onlySuspects ? 1 : Infinity) : [];
    const settled = this.#settled.splice(0);
    const released = this.#released.splice(0);
    const others = [...settled, ...released];
    this.#underWay -= others.length;
    try {
      const { taken, done } = await this.#visitPatiently({
        settled: settled.map(({ outcome }) => outcome),
        released: released.map(({ ordinal }) => ordinal),
        ...{ wanted: takers.length, onlySuspects },
      });
      this.#onDone(done);
      for (const { resolve } of others) resolve();
      this.#handOut(takers, taken, onlySuspects);
    } catch (error) {
      for (const { reject } of [...others, ...takers]) reject(error);
    }
  }

  #handOut(takers: Taker[], taken: readonly TakenLine[], onlySuspects: boolean): void {
    this.#underWay += taken.length;
    if (onlySuspects && takers.length > taken.length) {
      this.#hasSuspects = false;
      this.#takers.unshift(...takers);
      return;
    }
    for (const [index, { resolve }] of takers.entries()) resolve(taken[index] ?? null);
  }

  // What was answered has its price already: a database that is away for a moment does not lose it.
  async #visitPatiently(exchange: Exchange): Promise<Exchanged> {
    for (let visits = 1; ; visits += 1) {
      try {
        return await this.visit(exchange);
      } catch (error) {
        if (error instanceof JobInterruption || visits === MOST_VISITS) throw error;
        await this.clock.sleep(FIRST_PAUSE_MS * 2 ** visits);
      }
    }
  }
}
