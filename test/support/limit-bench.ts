import { FakeClock } from './fake-clock.js';
import { LimitCounts, MemoryLimitStore } from './memory-limit-store.js';
import { CallContext } from '../../src/core/call-context.js';
import { AppError } from '../../src/core/errors/app-error.js';
import { LiveInstances } from '../../src/core/live-instances.js';
import { type Principal, type RequestLimits, UNLIMITED } from '../../src/core/principal.js';
import { Telemetry } from '../../src/core/telemetry/telemetry.js';
import { LimitDesk } from '../../src/limits/limit-desk.js';
import type { LimitTicket } from '../../src/limits/limit-ticket.js';
import { LimitsService } from '../../src/limits/limits.service.js';
import { MeterBook } from '../../src/limits/meter-book.js';

const NOTHING: RequestLimits = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null };

interface Replica {
  readonly service: LimitsService;
  readonly store: MemoryLimitStore;
  readonly book: MeterBook;
}

/** What came of a call: null when nothing was limited. */
export type Outcome = LimitTicket | AppError | null;

/** Two processes that count together, on a clock that the test turns. */
export class LimitBench {
  readonly clock = new FakeClock();
  readonly counts = new LimitCounts();
  /** The refusals that telemetry heard of, as `owner kind`. */
  readonly refusals: string[] = [];
  readonly left = this.#start('left');
  readonly right = this.#start('right');

  call(principal: Principal): CallContext {
    return new CallContext({ id: 'req_1', surface: 'openai', receivedAt: this.clock.now(), principal });
  }

  /** Sends one call, and tells what came of it once the clock has moved as far as needed. */
  async send(
    { service }: Replica,
    principal: Principal,
    tokens = 1,
    call: CallContext = this.call(principal),
  ): Promise<Outcome> {
    let outcome: Outcome | undefined;
    const settled = (async () => service.enter(call, () => tokens))().then(
      (ticket) => (outcome = ticket),
      (error: unknown) => (outcome = error as AppError),
    );
    for (let waits = 0; outcome === undefined && waits < 20; waits += 1) await this.clock.advance(waits < 2 ? 0 : 20);
    await settled;
    return outcome ?? null;
  }

  /** The ticket of a call; throws what refused it. */
  async admit(replica: Replica, principal: Principal, tokens = 1): Promise<LimitTicket> {
    const outcome = await this.send(replica, principal, tokens);
    if (outcome === null || outcome instanceof AppError) throw outcome ?? new Error('Nothing was limited.');
    return outcome;
  }

  /** How many of so many calls, one after another, were let through. */
  async countAdmitted(replica: Replica, principal: Principal, times: number, tokens = 1): Promise<number> {
    let admitted = 0;
    for (let count = 0; count < times; count += 1) {
      if (codeOf(await this.send(replica, principal, tokens)) === 'admitted') admitted += 1;
    }
    return admitted;
  }

  #telemetry(): Telemetry {
    return Object.assign(new Telemetry(), {
      limitRefused: ({ owner, kind }: { owner: string; kind: string }) => this.refusals.push(`${owner} ${kind}`),
    });
  }

  #start(name: string): Replica {
    const { clock } = this;
    const store = new MemoryLimitStore(this.counts, name, clock);
    const instances = new LiveInstances();
    instances.set(2);
    const desk = new LimitDesk(store, instances, clock);
    const book = new MeterBook(desk, clock);
    const service = new LimitsService(book, desk, store, clock, this.#telemetry());
    service.onModuleInit();
    return { service, store, book };
  }
}

/** A principal with these limits; what is not named is not limited. */
export function who(key: Partial<RequestLimits> | null, project: Partial<RequestLimits> | null = null): Principal {
  return {
    keyId: 'key_1',
    projectId: 'proj_1',
    scopes: ['chat'],
    ...UNLIMITED,
    keyLimits: key && { ...NOTHING, ...key },
    projectLimits: project && { ...NOTHING, ...project },
  };
}

/** The code of a refusal, or `admitted`. */
export function codeOf(outcome: Outcome): string {
  return outcome instanceof AppError ? outcome.code : 'admitted';
}
