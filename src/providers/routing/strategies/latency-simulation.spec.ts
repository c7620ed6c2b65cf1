import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { providerConfig, ScriptedAdapter } from '../../../../test/support/scripted-providers.js';
import { seededRandom } from '../../../../test/support/soak-seed.js';
import { CircuitBreaker } from '../../resilience/circuit-breaker.js';
import { CredentialPool } from '../../resilience/credential-pool.js';
import { Target } from '../../resilience/target.js';
import type { Candidate } from '../candidate.js';
import { RoutedChat } from '../routed-request.js';
import { TargetLoad } from '../target-load.js';
import { orderByLatency } from './order-by-latency.js';

const REQUEST = new RoutedChat({ model: 'm', stream: true, messages: [] });
const BETWEEN_REQUESTS_MS = 20;

/** Targets that answer after their time, a quarter more or less, under a steady load of 50 requests a second. */
class Simulation {
  readonly clock = new FakeClock();
  readonly #random = seededRandom(42);
  readonly #order = orderByLatency(this.#random);
  readonly #candidates: readonly Candidate[];

  /** `answerMs` may be changed on the way; a negative time fails at once. */
  constructor(readonly answerMs: Record<string, number>) {
    this.#candidates = Object.keys(answerMs).map((model) => ({
      target: this.#target(model),
      weight: 1,
      tier: 'large',
      prices: null,
    }));
  }

  /** How many requests went to each target. */
  async run(requests: number): Promise<Record<string, number>> {
    const shares = Object.fromEntries(Object.keys(this.answerMs).map((model) => [model, 0]));
    for (let count = 0; count < requests; count += 1) {
      const [first] = this.#order(this.#candidates, REQUEST).targets;
      if (!first) throw new Error('There is no target.');
      shares[first.model] = (shares[first.model] ?? 0) + 1;
      this.#send(first);
      await this.clock.advance(BETWEEN_REQUESTS_MS);
    }
    return shares;
  }

  #send({ model, load }: Target): void {
    const ticket = load.started();
    const ms = this.answerMs[model] ?? 0;
    if (ms < 0) {
      ticket.finished(true);
      return;
    }
    this.clock.schedule(
      () => {
        ticket.answered();
        ticket.finished(false);
      },
      ms * (0.75 + this.#random() / 2),
    );
  }

  #target(model: string): Target {
    const { clock } = this;
    const config = providerConfig();
    return new Target({
      provider: {
        config,
        adapter: new ScriptedAdapter(clock),
        credentials: new CredentialPool([], clock),
        limiter: null,
      },
      model,
      isConfigured: true,
      breaker: new CircuitBreaker(config.breaker, clock),
      load: new TargetLoad(clock),
      catalogEntry: null,
    });
  }
}

describe('latency routing under load', () => {
  it('sends most to the fastest of three, little to the slowest, and tries that one now and then', async () => {
    const simulation = new Simulation({ fast: 50, middle: 100, slow: 400 });
    const { fast = 0, middle = 0, slow = 0 } = await simulation.run(3_000);
    expect(fast).toBeGreaterThan(1_500);
    expect(middle).toBeLessThan(fast / 1.5);
    expect(slow).toBeLessThan(middle / 4);
    expect(slow).toBeGreaterThan(1);
  });

  it('takes a target that slows down tenfold out of the first place within a few requests', async () => {
    const simulation = new Simulation({ fast: 50, middle: 100, slow: 400 });
    await simulation.run(500);
    simulation.answerMs.fast = 500;
    const shares: Record<string, number>[] = [];
    for (let count = 0; count < 4; count += 1) shares.push(await simulation.run(25));
    expect(shares[0]?.fast).toBeLessThan(12);
    for (const { fast = 0, middle = 0 } of shares.slice(1)) {
      expect(fast).toBeLessThanOrEqual(6);
      expect(middle).toBeGreaterThan(12);
    }
  });

  it('finds out that a slow target has recovered', async () => {
    const simulation = new Simulation({ fast: 100, slow: 1_000 });
    await simulation.run(500);
    simulation.answerMs.slow = 20;
    await simulation.run(1_500);
    const { fast = 0, slow = 0 } = await simulation.run(500);
    expect(slow).toBeGreaterThan(fast * 3);
  });

  it('keeps away from a target that fails at once, and comes back when it has recovered', async () => {
    const simulation = new Simulation({ good: 100, sick: 20 });
    await simulation.run(200);
    simulation.answerMs.sick = -1;
    await simulation.run(20);
    const { sick: whileSick = 0 } = await simulation.run(2_000);
    expect(whileSick).toBeLessThan(60);
    simulation.answerMs.sick = 20;
    await simulation.run(3_000);
    const { good = 0, sick = 0 } = await simulation.run(200);
    expect(sick).toBeGreaterThan(good);
  });
});
