import { afterAll, beforeAll, it } from '@jest/globals';
import { RetryBudget } from '../../../src/providers/resilience/retry-budget.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/test-app.js';
import { type GatewayOptions, laneGateway, pricesOf, sharedProviders } from './fault-gateway.js';
import { FaultLane } from './fault-lane.js';
import type { SurfaceAndVendor } from './pair-up.js';

/** As many cases run at once as there are lanes: what they mostly do is wait. */
const LANES = 8;
const CASE_MS = 60_000;
/** All cases of a file. */
const FILE_MS = 600_000;

export interface BenchOptions extends GatewayOptions {
  env?: Record<string, string>;
  /** How many cases may run at once. */
  lanes?: number;
}

type Work = (lane: FaultLane) => Promise<void>;

/** The application over fakes that fail, with lanes for cases that run at once. */
export class FaultBench {
  readonly #lanes: FaultLane[] = [];
  readonly #cases: { work: Work; outcome: Promise<void> }[] = [];
  #app: TestApp | null = null;

  get app(): TestApp {
    if (!this.#app) throw new Error('The bench has not been started.');
    return this.#app;
  }

  /** A lane for what has to run alone, behind the cases. */
  get lane(): FaultLane {
    const [lane] = this.#lanes;
    if (!lane) throw new Error('The bench has not been started.');
    return lane;
  }

  /** A test whose case runs at once with the bench's others, before any test of the suite that is not one of them. */
  it(name: string, work: Work): void {
    const one = { work, outcome: Promise.resolve() };
    this.#cases.push(one);
    it(name, () => one.outcome);
  }

  /** One test for each pair. */
  each(
    pairs: readonly SurfaceAndVendor[],
    name: string,
    work: (lane: FaultLane, pair: SurfaceAndVendor) => Promise<void>,
  ): void {
    for (const pair of pairs) {
      this.it(`${name}, ${pair.surface.name} over ${pair.vendor}`, (lane) => work(lane, pair));
    }
  }

  async start(options: BenchOptions = {}): Promise<void> {
    const { lanes = LANES, env = {} } = options;
    for (let number = 1; number <= lanes; number += 1) this.#lanes.push(new FaultLane(number));
    await Promise.all(this.#lanes.flatMap(({ fakes }) => fakes.map((fake) => fake.start())));
    const gateways = this.#lanes.map((lane) => laneGateway(lane, options));
    const providers = merged([sharedProviders(options), ...gateways.map((one) => one.providers)]);
    const models = merged(gateways.map((one) => one.models));
    const app = await startWithShortWaits({ gateway: { providers, models, prices: pricesOf(providers) }, env });
    this.#app = app;
    for (const [index, lane] of this.#lanes.entries()) lane.join(app, Object.keys(gateways[index]?.providers ?? {}));
  }

  /** Runs the cases, each on a lane that is clean; their tests tell what became of them. */
  async runCases(): Promise<void> {
    const cases = this.#cases.values();
    const serve = async (lane: FaultLane): Promise<void> => {
      for (const one of cases) {
        lane.reset();
        one.outcome = inTime(one.work(lane));
        await one.outcome.catch(() => undefined);
      }
    };
    // The budget is one for all requests of an application, and the cases at once would take it from each other.
    const take = Object.getOwnPropertyDescriptor(RetryBudget.prototype, 'take');
    RetryBudget.prototype.take = () => () => undefined;
    await Promise.all(this.#lanes.map(serve));
    if (take) Object.defineProperty(RetryBudget.prototype, 'take', take);
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    await Promise.all(this.#lanes.flatMap(({ fakes }) => fakes.map((fake) => fake.stop())));
  }
}

/** Starts the bench for a suite, runs its cases, and stops it. */
export function useBench(bench: FaultBench, options: BenchOptions | (() => BenchOptions) = {}): void {
  beforeAll(() => bench.start(typeof options === 'function' ? options() : options));
  // In a hook and not in tests that run at once: between two tests Jest lets nobody import what is loaded on first use.
  beforeAll(() => bench.runCases(), FILE_MS);
  afterAll(() => bench.stop());
}

// What is left running when the time is over may disturb what comes next on the lane; the first failure is the one to read.
async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('The case has not ended in time.'));
    }, CASE_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function merged(parts: readonly Record<string, object>[]): Record<string, object> {
  return Object.assign({}, ...parts) as Record<string, object>;
}

// What spreads the waits before trying again is taken when the application is made: here they are a tenth as long.
async function startWithShortWaits(options: TestAppOptions): Promise<TestApp> {
  const { random } = Math;
  Math.random = () => random() / 10;
  try {
    return await startTestApp(options);
  } finally {
    Math.random = random;
  }
}
