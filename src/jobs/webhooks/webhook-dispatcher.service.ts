import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { WebhooksConfig } from '../../config/webhooks-config.js';
import { newId } from '../../core/ids.js';
import { Housekeeping } from '../../core/housekeeping.js';
import type { RecurringTask } from '../../core/recurring-task.js';
import { DeliveryBell } from './delivery-bell.js';
import { type ClaimedDelivery, type DeliveryOutcome, DeliveryStore } from './delivery-store.js';
import type { DeliveryAttempt } from './webhook-delivery.entity.js';
import { WebhookSender } from './webhook-sender.service.js';

const LOOK_EVERY_MS = 5_000;
const MOST_AT_ONCE = 16;
const MOST_OF_ONE = 2;
/** Of the time to answer, for which a delivery is nobody else's: a process that hangs for longer has lost it. */
const LEASE_FACTOR = 3;
const LEAST_LEASE_MS = 30_000;
/** How far a pause may be off, so that receivers that come back are not met by all at once. */
const JITTER = 0.2;
/** The receiver says that it is gone for good. */
const GONE = 410;

/** Delivers what was announced: at least once, again with growing pauses, a few at a time. */
@Injectable()
export class WebhookDispatcher implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('Webhooks');
  readonly #task: RecurringTask;
  readonly #underWay = new Set<Promise<void>>();
  #looking: Promise<void> | null = null;
  #looksAgain = false;
  #isStopped = true;

  constructor(
    private readonly store: DeliveryStore,
    private readonly sender: WebhookSender,
    private readonly bell: DeliveryBell,
    private readonly config: WebhooksConfig,
    private readonly housekeeping: Housekeeping,
  ) {
    this.#task = housekeeping.task({
      everyMs: LOOK_EVERY_MS,
      run: () => this.look(),
      failed: (error) => {
        this.#logger.warn(`Webhooks could not be looked for: ${error.message}`);
      },
    });
  }

  onModuleInit(): void {
    this.bell.answer(() => {
      this.look().catch(() => undefined);
    });
  }

  onApplicationBootstrap(): void {
    if (!this.housekeeping.isOurs) return;
    this.#isStopped = false;
    this.#task.start();
  }

  /** What is under way has its time to answer; the rest is another process's. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    await this.#task.stop();
    await this.idle();
  }

  /** Begins to deliver what is due; resolves when that was taken. Rejects when the database does not answer. */
  look(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    if (this.#looking) {
      this.#looksAgain = true;
      return this.#looking;
    }
    this.#looksAgain = false;
    this.#looking = this.#take()
      .finally(() => {
        this.#looking = null;
      })
      .then(() => (this.#looksAgain ? this.look() : undefined));
    return this.#looking;
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    while (this.#looking || this.#underWay.size > 0) await Promise.allSettled([this.#looking, ...this.#underWay]);
  }

  async #take(): Promise<void> {
    const most = MOST_AT_ONCE - this.#underWay.size;
    if (most <= 0) return;
    const claim = newId('claim_');
    const leaseMs = Math.max(LEAST_LEASE_MS, LEASE_FACTOR * this.config.timeoutMs);
    const claimed = await this.store.claim({ claim, most, mostOfOne: MOST_OF_ONE, leaseMs });
    for (const delivery of claimed) this.#deliver(delivery, claim);
  }

  #deliver(delivery: ClaimedDelivery, claim: string): void {
    const work = this.#tryOnce(delivery, claim)
      .catch((error: unknown) => {
        this.#logger.warn(`A delivery could not be written down and will be repeated: ${(error as Error).message}`);
      })
      .finally(() => {
        this.#underWay.delete(work);
        // There is room for the next one.
        this.look().catch(() => undefined);
      });
    this.#underWay.add(work);
  }

  async #tryOnce(delivery: ClaimedDelivery, claim: string): Promise<void> {
    const attempt = await this.sender.send(delivery);
    const isOurs = await this.store.settle(delivery.id, claim, attempt, this.#outcomeOf(attempt, delivery));
    if (isOurs && attempt.status === GONE) {
      await this.store.disable(delivery.webhookId, 'The receiver answered 410: it is gone.');
    }
  }

  #outcomeOf({ status, error }: DeliveryAttempt, { failures }: ClaimedDelivery): DeliveryOutcome {
    if (error === null) return { status: 'delivered' };
    const pause = status === GONE ? undefined : this.config.retryAfterMs[failures];
    if (pause === undefined) return { status: 'failed' };
    return { status: 'pending', retryInMs: Math.round(pause * (1 + JITTER * (2 * Math.random() - 1))) };
  }
}
