import type { BudgetsService, Reservation } from '../../src/budgets/budgets.service.js';
import type { GatewayConfig } from '../../src/config/gateway-config.js';
import type { Attempt } from '../../src/core/attempt.js';
import { CallContext } from '../../src/core/call-context.js';
import { AppError } from '../../src/core/errors/app-error.js';
import { matchesModel } from '../../src/core/model-patterns.js';
import { addMoney } from '../../src/core/money.js';
import { type BudgetTerms, type Principal, UNLIMITED } from '../../src/core/principal.js';
import { Telemetry } from '../../src/core/telemetry/telemetry.js';
import type { LimitTicket } from '../../src/limits/limit-ticket.js';
import type { LimitsService } from '../../src/limits/limits.service.js';
import { ModelCatalog } from '../../src/providers/catalog/model-catalog.js';
import type { ProviderRegistry } from '../../src/providers/provider-registry.js';
import type { LedgerOpening, LedgerRecord } from '../../src/usage/ledger/ledger-record.js';
import type { LedgerWriter } from '../../src/usage/ledger/ledger-writer.service.js';
import { AdmissionGate } from '../../src/usage/metering/admission-gate.service.js';
import { CallBooks } from '../../src/usage/metering/call-books.service.js';
import { Candidates } from '../../src/usage/metering/candidates.js';
import { UpperBounds } from '../../src/usage/metering/upper-bounds.service.js';
import { PriceBook } from '../../src/usage/pricing/price-book.js';
import { UsageMeter } from '../../src/usage/usage-meter.js';
import { FakeClock } from './fake-clock.js';

const OPENAI = { provider: 'openai', providerType: 'openai' } as const;
const CLAUDE = { provider: 'claude', providerType: 'anthropic' } as const;
const TARGETS: Record<string, readonly { provider: string; providerType: string; model: string }[]> = {
  'gpt-4o': [{ ...OPENAI, model: 'gpt-4o' }],
  llama: [{ provider: 'lab', providerType: 'openai-compatible', model: 'llama' }],
  'text-embedding-3-small': [{ ...OPENAI, model: 'text-embedding-3-small' }],
  both: [
    { ...OPENAI, model: 'gpt-4o-mini' },
    { ...CLAUDE, model: 'claude-haiku-4-5' },
  ],
};
const PERIOD = '2026-11-01T00:00:00.000Z';

class SettledTelemetry extends Telemetry {
  readonly settled: unknown[] = [];

  override usageSettled(settled: unknown): void {
    this.settled.push(settled);
  }
}

/** A usage meter between a ledger, limits and budgets that only take notes, in `log` in the order in which they are asked. */
export class MeterBench {
  readonly clock = new FakeClock();
  readonly telemetry = new SettledTelemetry();
  readonly rows: LedgerRecord[] = [];
  readonly openings: LedgerOpening[] = [];
  readonly log: string[] = [];
  call = this.newCall();
  unpricedModels: 'flag' | 'refuse' = 'flag';
  /** Whether limits and budgets are asked far away, or answer at once. */
  isSlow = false;
  hasLimits = false;
  /** Whether budgets have so much left that nobody need look closely. */
  hasPlenty = false;
  /** What `enter`, `reserve`, `extend` or `open` throws. */
  readonly refusals: { enter?: AppError; reserve?: AppError; extend?: AppError; open?: AppError } = {};
  /** Runs while somebody far away is asked. */
  meanwhile: (() => void) | null = null;

  newCall(principal: Partial<Principal> = {}): CallContext {
    const call = new CallContext({ id: 'req_1', surface: 'openai', receivedAt: this.clock.now(), tags: ['a'] });
    call.authenticate({ keyId: 'key_1', projectId: 'proj_1', scopes: ['chat'], ...UNLIMITED, ...principal });
    return call;
  }

  meter(): UsageMeter {
    const providers = [
      { name: 'openai', type: 'openai' },
      { name: 'claude', type: 'anthropic' },
      { name: 'lab', type: 'openai-compatible' },
    ];
    const gateway = {
      providers,
      prices: {},
      budgets: { defaultOutputTokens: 1_000 },
      unpricedModels: this.unpricedModels,
    } as unknown as GatewayConfig;
    const catalog = new ModelCatalog();
    const prices = new PriceBook(gateway, catalog);
    const candidates = new Candidates(registry as unknown as ProviderRegistry, prices, catalog, gateway);
    const ledger = {
      open: (opening: LedgerOpening) => {
        this.#note('open', `open ${opening.holds.map(({ reservedUsd }) => reservedUsd).join()}`.trim());
        this.openings.push(opening);
      },
      record: (row: LedgerRecord) => this.rows.push(row),
    } as unknown as LedgerWriter;
    return new UsageMeter(
      candidates,
      new UpperBounds(candidates, prices, gateway),
      new AdmissionGate(this.#limits(), this.#budgets()),
      new CallBooks(prices, ledger, this.clock, this.telemetry, this.#budgets()),
    );
  }

  /** An attempt of the call: sent to gpt-4o, answered and succeeded, unless it says otherwise. */
  attempt(rest: Partial<Attempt> = {}): Attempt {
    const made: Attempt = {
      id: 'att_1',
      provider: 'openai',
      model: 'gpt-4o',
      credential: 'hash',
      startedAt: 0,
      outcome: 'succeeded',
      errorKind: null,
      wasSent: true,
      hasResponded: true,
      durationMs: 5,
      firstContentMs: 2,
      usage: null,
      deliveredCharacters: 0,
      ...rest,
    };
    this.call.attempts.push(made);
    return made;
  }

  #limits(): LimitsService {
    const ticket = {
      settle: (tokens: number) => this.log.push(`settle ${String(tokens)}`),
      leave: () => this.log.push('leave'),
      cancel: () => this.log.push('cancel'),
    } as unknown as LimitTicket;
    return {
      enter: (_call: CallContext, tokens: () => number) => {
        if (!this.hasLimits) return null;
        this.#note('enter', `enter ${String(tokens())}`);
        return this.#answer(ticket);
      },
    } as unknown as LimitsService;
  }

  #budgets(): BudgetsService {
    return {
      applicable: ({ budgets }: Principal, names: ReadonlySet<string>) =>
        budgets.filter(({ model }) => model === null || matchesModel([model], names)),
      reserveFromPlenty: (terms: readonly BudgetTerms[], amountUsd: string) => {
        if (!this.hasPlenty) return this.#answer(null);
        this.log.push(`take ${amountUsd}`);
        return this.#answer(this.#reservation(terms, amountUsd));
      },
      reserve: (terms: readonly BudgetTerms[], amountUsd: string) => {
        this.#note('reserve', `reserve ${amountUsd}`);
        return this.#answer(this.#reservation(terms, amountUsd));
      },
      settled: () => undefined,
    } as unknown as BudgetsService;
  }

  #reservation(terms: readonly BudgetTerms[], amountUsd: string): Reservation {
    const holds = terms.map(({ id }) => ({ budgetId: id, periodStart: PERIOD, reservedUsd: amountUsd }));
    return {
      holds,
      remainingUsd: null,
      percentSpent: 0,
      extend: (moreUsd) => {
        this.#note('extend', `extend ${moreUsd}`);
        const add = (): void => {
          for (const hold of holds) hold.reservedUsd = addMoney(hold.reservedUsd, moreUsd);
        };
        if (this.isSlow) return this.#later(add);
        add();
        return undefined;
      },
      release: () => this.log.push('release'),
    };
  }

  #note(step: keyof MeterBench['refusals'], line: string): void {
    const refusal = this.refusals[step];
    if (refusal) throw refusal;
    this.log.push(line);
  }

  #answer<T>(value: T): T | Promise<T> {
    return this.isSlow ? this.#later(() => value) : value;
  }

  #later<T>(answer: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      this.meanwhile?.();
      return answer();
    });
  }
}

const registry = {
  resolve: (name: string) => {
    const targets = TARGETS[name];
    if (!targets) throw new AppError('model_not_found', 'no');
    return { name, targets };
  },
};
