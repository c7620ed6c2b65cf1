import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { within } from '../core/within.js';
import { type ClaimRequest, type FoundRecord, IdempotencyStore, type SealedAnswer } from './idempotency-store.js';

/** How long the end of an answer waits for the database; what takes longer goes on behind it. */
const HOLD_MS = 2_000;
const PAUSES_MS = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000];
const FAREWELL_MS = 5_000;

/** The claims that this process holds. Each ends by `complete` or `release`, and what the database refuses is tried again. */
@Injectable()
export class ClaimBook implements BeforeApplicationShutdown {
  readonly #logger = new Logger('Idempotency');
  readonly #held = new Set<string>();
  readonly #endings = new Set<Promise<void>>();
  #isStopping = false;

  constructor(
    private readonly store: IdempotencyStore,
    private readonly clock: Clock,
  ) {}

  get heldIds(): string[] {
    return [...this.#held];
  }

  /** Null when the claim is held now, else what stands in its way. */
  async claim(request: ClaimRequest): Promise<FoundRecord | null> {
    // Before it is in the database: the sweeper deletes claims of this process that it does not hold.
    this.#held.add(request.claimId);
    try {
      const found = await this.store.claim(request);
      if (found) this.#held.delete(request.claimId);
      return found;
    } catch (error) {
      this.#held.delete(request.claimId);
      throw error;
    }
  }

  /** Resolves when the answer is stored, or goes on being stored behind it; never rejects. */
  complete(claim: ClaimRequest, seal: () => Promise<SealedAnswer>, onStored: (bytes: number) => void): Promise<void> {
    return this.#end(claim, async () => {
      const sealed = await seal();
      return async () => {
        if (await this.store.complete(claim, sealed)) onStored(sealed.answer.length);
      };
    });
  }

  /** Resolves when the claim is free, or goes on being freed behind it; never rejects. */
  release(claim: ClaimRequest): Promise<void> {
    return this.#end(claim, () => Promise.resolve(() => this.store.release(claim)));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopping = true;
    await within(Promise.all(this.#endings), FAREWELL_MS, this.clock).catch(() => undefined);
  }

  #end(claim: ClaimRequest, prepare: () => Promise<() => Promise<void>>): Promise<void> {
    const ending = prepare()
      .then((step) => this.#persist(step))
      .catch((error: unknown) => {
        this.#logger.warn(`An answer could not be kept: ${(error as Error).message}`);
      })
      .finally(() => {
        // If it is still in the database, the sweeper deletes it.
        this.#held.delete(claim.claimId);
        this.#endings.delete(ending);
      });
    this.#endings.add(ending);
    return within(ending, HOLD_MS, this.clock).catch(() => undefined);
  }

  async #persist(step: () => Promise<void>): Promise<void> {
    for (const pauseMs of PAUSES_MS) {
      try {
        await step();
        return;
      } catch (error) {
        if (this.#isStopping) throw error;
      }
      await this.clock.sleep(pauseMs);
    }
    await step();
  }
}
