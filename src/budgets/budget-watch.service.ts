import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { DomainEvents } from '../core/domain-events.js';
import { MONEY_DIGITS, toMoney, toScaled } from '../core/money.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { BudgetUpkeepStore, type WindowKey } from './budget-upkeep.store.js';

/** What a request took from a budget's window. Money is USD. */
export interface SettledCharge extends WindowKey {
  readonly reservedUsd: string;
  readonly spentUsd: string;
}

/** The ledger has written by then; where it was held up, by the second time. */
const FIRST_LOOK_MS = 500;
const SECOND_LOOK_MS = 5_000;
const UPKEEP_EVERY_MS = 600_000;
const ALARM_EVERY_MS = 60_000;

/** Tells everyone when a share of a budget is spent, and when a request cost more than was reserved for it. */
@Injectable()
export class BudgetWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(BudgetWatch.name);
  readonly #fresh = new Map<string, WindowKey>();
  readonly #seen = new Map<string, WindowKey>();
  #cancelFirst: (() => void) | null = null;
  #cancelSecond: (() => void) | null = null;
  #cancelUpkeep: (() => void) | null = null;
  #lastAlarmAt = -Infinity;

  constructor(
    private readonly store: BudgetUpkeepStore,
    private readonly events: DomainEvents,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.#scheduleUpkeep();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#cancelUpkeep?.();
    this.#cancelFirst?.();
    this.#cancelSecond?.();
    await this.#look([...this.#seen.values(), ...this.#fresh.values()]);
  }

  /** The charges of one request are in the database. Never fails and never blocks. */
  settled(charges: readonly SettledCharge[]): void {
    let overage = 0n;
    for (const { budgetId, periodStart, reservedUsd, spentUsd } of charges) {
      this.#fresh.set(`${budgetId} ${periodStart}`, { budgetId, periodStart });
      const over = toScaled(spentUsd, MONEY_DIGITS) - toScaled(reservedUsd, MONEY_DIGITS);
      if (over > overage) overage = over;
    }
    if (overage > 0n) this.#raiseAlarm(overage);
    this.#cancelFirst ??= this.clock.schedule(() => {
      this.#cancelFirst = null;
      this.#lookAtFresh();
    }, FIRST_LOOK_MS);
  }

  #lookAtFresh(): void {
    void this.#look([...this.#fresh.values()]);
    for (const [name, key] of this.#fresh) this.#seen.set(name, key);
    this.#fresh.clear();
    this.#cancelSecond ??= this.clock.schedule(() => {
      this.#cancelSecond = null;
      void this.#look([...this.#seen.values()]);
      this.#seen.clear();
    }, SECOND_LOOK_MS);
  }

  #raiseAlarm(overage: bigint): void {
    const usd = toMoney(overage, MONEY_DIGITS);
    this.telemetry.budgetOverrun({ usd: Number(usd) });
    const now = this.clock.monotonic();
    if (now - this.#lastAlarmAt < ALARM_EVERY_MS) return;
    this.#lastAlarmAt = now;
    this.#logger.error(
      `A request cost ${usd} USD more than was reserved of its budgets. Either a provider reports more than it was allowed ` +
        'to produce, or a price changed meanwhile; the whole cost was charged.',
    );
  }

  // What is not seen now is seen at the next upkeep, of whichever process.
  async #look(touched: readonly WindowKey[] | null): Promise<void> {
    if (touched?.length === 0) return;
    try {
      for (const threshold of await this.store.takeThresholds(touched)) {
        const owner = threshold.keyId === null ? 'project' : 'key';
        this.telemetry.budgetThresholdReached({ owner, window: threshold.window, percent: threshold.percent });
        this.events.emit({ type: 'budget.threshold_reached', ...threshold });
      }
    } catch (error) {
      this.#logger.warn(`Thresholds of budgets could not be looked at: ${(error as Error).message}`);
    }
  }

  #scheduleUpkeep(): void {
    this.#cancelUpkeep = this.clock.schedule(() => {
      this.#scheduleUpkeep();
      void this.#look(null);
      // Whatever went wrong, the next one does the same work.
      this.store.deleteOld().catch(() => undefined);
    }, UPKEEP_EVERY_MS);
  }
}
