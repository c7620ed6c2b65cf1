import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { LiveInstances } from '../core/live-instances.js';
import type { Meter } from './meter.js';
import { type LimitBatch, type LimitReply, LimitStore, NotExchangedError } from './store/limit-store.js';

/** How much of several limits a request needs. */
export type Wants = readonly { readonly meter: Meter; readonly amount: number }[];

interface Asker {
  readonly wants: Wants;
  /** The windows that the wants were counted in, in their order; null for a refusal. */
  readonly resolve: (windows: readonly number[] | null) => void;
  readonly reject: (error: unknown) => void;
}

const MOST_TAKES = 200;
const MOST_LINES = 500;
const MINUTE_MS = 60_000;
/** How long corrections wait for company. */
const TELL_AFTER_MS = 100;
const RETRY_AFTER_MS = 1_000;
/** With two replicas one part in fifty is handed out in advance; with more of them the parts are smaller. */
const SHARE_PER_INSTANCE = 25;
const FEWEST_INSTANCES = 2;

/** Speaks with the store for the whole process: one step at a time, with everything in it that has gathered meanwhile. */
@Injectable()
export class LimitDesk {
  readonly #logger = new Logger(LimitDesk.name);
  readonly #untold = new Set<Meter>();
  #askers: Asker[] = [];
  #running: Promise<void> | null = null;
  #isUrgent = false;
  #cancelTimer: (() => void) | null = null;
  #hasFailed = false;

  constructor(
    private readonly store: LimitStore,
    private readonly liveInstances: LiveInstances,
    private readonly clock: Clock,
  ) {}

  /** Resolves with the windows of what was granted, all of it, or with null; rejects when the store cannot be asked. */
  ask(wants: Wants): Promise<readonly number[] | null> {
    for (const { meter } of wants) meter.waiting += 1;
    const answer = new Promise<readonly number[] | null>((resolve, reject) => {
      this.#askers.push({ wants, resolve, reject });
      this.#start();
    });
    return answer.finally(() => {
      for (const { meter } of wants) meter.waiting -= 1;
    });
  }

  /** The meter has something to say; it will be asked for it soon, or at once. */
  readonly note = (meter: Meter, urgent: boolean): void => {
    this.#untold.add(meter);
    if (urgent && !this.#hasFailed) {
      this.#isUrgent = true;
      this.#start();
    } else {
      this.#cancelTimer ??= this.clock.schedule(
        () => {
          this.#cancelTimer = null;
          this.#isUrgent = true;
          this.#start();
        },
        this.#hasFailed ? RETRY_AFTER_MS : TELL_AFTER_MS,
      );
    }
  };

  /** Tells what is still to be told, if the store can be asked, and nothing more after that. */
  async close(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = () => undefined;
    await this.#running;
    if (this.#untold.size > 0 && !this.#hasFailed) await this.#exchange();
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  async #run(): Promise<void> {
    // Whoever else asks in this turn comes along.
    await Promise.resolve();
    while (this.#askers.length > 0 || this.#isUrgent) await this.#exchange();
  }

  async #exchange(): Promise<void> {
    this.#isUrgent = false;
    const askers = this.#askers.slice(0, MOST_TAKES);
    this.#askers = this.#askers.slice(MOST_TAKES);
    const meters = this.#gather(askers);
    if (meters.length === 0) return;
    const batch = this.#toBatch(meters, askers);
    const sentAt = this.clock.monotonic();
    try {
      const reply = await this.store.exchange(batch);
      this.#hasFailed = false;
      this.#learn(meters, batch, reply, sentAt);
      askers.forEach(({ wants, resolve }, index) => {
        resolve(reply.granted[index] ? wants.map(({ meter, amount }) => meter.takeGranted(amount)) : null);
      });
    } catch (error) {
      this.#noteFailure(error);
      const isCertain = error instanceof NotExchangedError;
      batch.lines.forEach((line, index) => meters[index]?.untell(line, isCertain));
      for (const asker of askers) asker.reject(error);
    }
  }

  // In the order of their names, in which the store locks them.
  #gather(askers: readonly Asker[]): Meter[] {
    const meters = new Map(
      askers.flatMap(({ wants }) => wants.map(({ meter }): [string, Meter] => [meter.terms.meter, meter])),
    );
    for (const meter of this.#untold) {
      if (meters.size >= MOST_LINES) break;
      // One that was forgotten as idle and has a successor has nothing more to say.
      if (!meters.has(meter.terms.meter)) meters.set(meter.terms.meter, meter);
      this.#untold.delete(meter);
    }
    for (const meter of meters.values()) this.#untold.delete(meter);
    if (this.#untold.size > 0) this.#isUrgent = true;
    return [...meters.values()].sort((left, right) => (left.terms.meter < right.terms.meter ? -1 : 1));
  }

  #toBatch(meters: readonly Meter[], askers: readonly Asker[]): LimitBatch {
    const places = new Map(meters.map((meter, index) => [meter, index]));
    const asked = new Set(askers.flatMap(({ wants }) => wants.map(({ meter }) => meter)));
    return {
      lines: meters.map((meter) => meter.tell(asked.has(meter))),
      takes: askers.map(({ wants }) => wants.map(({ meter, amount }) => ({ line: places.get(meter) ?? 0, amount }))),
      share: SHARE_PER_INSTANCE * Math.max(FEWEST_INSTANCES, this.liveInstances.count),
    };
  }

  #learn(meters: readonly Meter[], { takes }: LimitBatch, { atMs, lines }: LimitReply, sentAt: number): void {
    const now = this.clock.monotonic();
    for (const index of new Set(takes.flatMap((take) => take.map(({ line }) => line)))) {
      const line = lines[index];
      if (!line) throw new Error('The store of limits left out a line.');
      // Reckoned from the sending: the store looked at its clock later than that.
      const endsAt = sentAt + (line.minute + 1) * MINUTE_MS - atMs;
      meters[index]?.learn({ ...line, now, endsAt });
    }
  }

  #noteFailure(error: unknown): void {
    if (!this.#hasFailed) this.#logger.warn(`Limits cannot be counted: ${(error as Error).message}`);
    this.#hasFailed = true;
  }
}
