import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { GatewayConfig } from '../../config/gateway-config.js';
import { Clock } from '../../core/clock.js';
import { InstanceHeartbeatService } from '../../database/instance-heartbeat.service.js';
import { TurnStore } from '../store/turn-store.js';
import type { EndedTurn, TurnPlace } from '../store/write-turn.js';

const SWEEP_EVERY_MS = 30_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** What a turn may wait for its end while the database is away: after this it ends as what is stored of it. */
const MOST_RETRIES = 20;
const MOST_WAITING = 1_000;
/** What a stop takes at most to try again what waits for the database. */
const LONGEST_STOP_MS = 2_000;

/** An end that waits for the database. */
interface Waiting {
  readonly cancel: () => void;
  readonly tryAgain: () => Promise<boolean>;
}

/**
 * Ends turns, as often as it takes: an answer goes out although the database is away for a moment. Those that nobody ends
 * any more, because their process died, are ended by the processes that live.
 */
@Injectable()
export class TurnWriter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('Conversations');
  readonly #held = new Set<TurnPlace>();
  readonly #work = new Set<Promise<unknown>>();
  readonly #waiting = new Set<Waiting>();
  #cancelSweep: (() => void) | null = null;
  #isStopped = false;

  constructor(
    private readonly store: TurnStore,
    private readonly heartbeat: InstanceHeartbeatService,
    private readonly clock: Clock,
    private readonly gateway: GatewayConfig,
  ) {}

  /** What an earlier process left open is ended before anybody reads it. */
  async onApplicationBootstrap(): Promise<void> {
    await this.sweep();
    this.#schedule();
  }

  /** Resolves when all that ended is stored, what waited being tried once more, or could not be. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    this.#cancelSweep?.();
    await this.#tryAllAgain();
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  get instanceId(): string {
    return this.heartbeat.instanceId;
  }

  /** An answer is kept up to as many characters as a message may have bytes. */
  get mostAnswerCharacters(): number {
    return this.gateway.conversations.maxMessageBytes;
  }

  /** A turn of this process is under way: nobody else may take it for left. */
  hold(place: TurnPlace): void {
    this.#held.add(place);
  }

  /** Lets go of a turn whose end is nobody's concern any more. */
  release(place: TurnPlace): void {
    this.#held.delete(place);
  }

  /** Stores what is there of an answer while it goes on; never rejects. */
  save(place: TurnPlace, answer: Omit<EndedTurn, 'status'>): Promise<void> {
    return this.#track(this.store.save(place, answer).catch(() => undefined));
  }

  /** Stores how a turn ended. Never rejects: false when that has to wait for the database, and is tried again. */
  async end(place: TurnPlace, ended: EndedTurn): Promise<boolean> {
    let isStored = false;
    await this.#track(this.#tryToEnd(place, ended, 0).then((stored) => void (isStored = stored)));
    return isStored;
  }

  /** Takes a turn back that nobody was asked; never rejects. */
  async discard(place: TurnPlace, isNew: boolean): Promise<void> {
    await this.#track(
      this.store.discard(place, isNew).catch(() => {
        // The next sweep ends it as one that failed, which is as good as gone.
      }),
    );
    this.release(place);
  }

  /** Ends the turns that nobody will end any more. */
  async sweep(): Promise<void> {
    try {
      await this.store.endAbandoned(this.instanceId, [...this.#held]);
    } catch (error) {
      this.#logger.warn(`Turns that were left open could not be ended: ${(error as Error).message}`);
    }
  }

  async #tryToEnd(place: TurnPlace, ended: EndedTurn, failures: number): Promise<boolean> {
    try {
      await this.store.end(place, ended);
      this.release(place);
      return true;
    } catch (error) {
      this.#retry(place, ended, failures + 1, error as Error);
      return false;
    }
  }

  #retry(place: TurnPlace, ended: EndedTurn, failures: number, error: Error): void {
    if (failures === 1) this.#logger.warn(`The answer of a conversation is not stored yet: ${error.message}`);
    if (this.#isStopped || failures > MOST_RETRIES || this.#waiting.size >= MOST_WAITING) {
      this.#logger.error(`The answer of a conversation could not be stored: ${error.message}`);
      this.release(place);
      return;
    }
    const ms = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
    const one: Waiting = {
      cancel: this.clock.schedule(() => void this.#track(this.#tryAgain(one)), ms),
      tryAgain: () => this.#tryToEnd(place, ended, failures),
    };
    this.#waiting.add(one);
  }

  #tryAgain(one: Waiting): Promise<boolean> {
    one.cancel();
    this.#waiting.delete(one);
    return one.tryAgain();
  }

  // A database that does not answer must not hold up the stop.
  async #tryAllAgain(): Promise<void> {
    if (this.#waiting.size === 0) return;
    let unanswered = this.#waiting.size;
    const retries = [...this.#waiting].map((one) => this.#tryAgain(one).finally(() => (unanswered -= 1)));
    const inTime = new AbortController();
    const late = this.clock.sleep(LONGEST_STOP_MS, inTime.signal).catch(() => undefined);
    await Promise.race([Promise.all(retries), late]);
    inTime.abort();
    if (unanswered > 0)
      this.#logger.error(`Answers of conversations that could not be stored in time: ${String(unanswered)}.`);
  }

  async #track(work: Promise<unknown>): Promise<void> {
    this.#work.add(work);
    await work;
    this.#work.delete(work);
  }

  #schedule(): void {
    this.#cancelSweep = this.clock.schedule(() => {
      void this.#track(this.sweep()).finally(() => {
        if (!this.#isStopped) this.#schedule();
      });
    }, SWEEP_EVERY_MS);
  }
}
