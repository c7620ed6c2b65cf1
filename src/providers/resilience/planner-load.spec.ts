import { describe, expect, it } from '@jest/globals';
import {
  answer,
  chatRequest,
  createCall,
  createWorld,
  failure,
  modelConfig,
  providerConfig,
  type ScriptStep,
  start,
  type World,
  type WorldOptions,
} from '../../../test/support/scripted-providers.js';
import { seededRandom } from '../../../test/support/soak-seed.js';
import type { CallContext } from '../../core/call-context.js';
import { collectChat } from '../../core/chat/collect-chat.js';
import { AppError } from '../../core/errors/app-error.js';

/** A script that is chosen anew for each request. */
class ChosenScript extends Array<ScriptStep> {
  constructor(private readonly choose: () => readonly ScriptStep[]) {
    super();
  }

  override [Symbol.iterator](): ReturnType<ScriptStep[]['values']> {
    return [...this.choose()].values();
  }
}

interface Sent {
  readonly attempts: CallContext['attempts'];
  readonly sentAt: number;
  tookMs: number;
  code: string | null;
}

/** Sends requests at even intervals and waits for all their ends. */
async function drive(world: World, perSecond: number, count: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (let index = 0; index < count; index += 1) {
    const call = createCall(world.clock);
    const entry: Sent = { attempts: call.attempts, sentAt: world.clock.monotonic(), tookMs: NaN, code: null };
    sent.push(entry);
    void world.registry
      .chat(chatRequest(), call)
      .then(collectChat)
      .catch((error: unknown) => {
        entry.code = error instanceof AppError ? error.code : 'crashed';
      })
      .finally(() => {
        entry.tookMs = world.clock.monotonic() - entry.sentAt;
        call.finish();
      });
    await world.clock.advance(1_000 / perSecond);
  }
  await world.clock.advance(60_000);
  return sent;
}

function figures(sent: readonly Sent[]): { success: number; calls: number } {
  const calls = sent.reduce((sum, { attempts }) => sum + attempts.length, 0);
  return { success: sent.filter(({ code }) => code === null).length / sent.length, calls: calls / sent.length };
}

const OPEN_MS = providerConfig().breaker.openMs;
const TIMEOUTS = { timeouts: { firstContentMs: 1_000 } };
const PAIR: WorldOptions = { models: [modelConfig('m', ['a/x', 'b/x'], TIMEOUTS)] };

/** Answers within 20 to 60 ms. */
const answersSoon = (random: () => number): readonly ScriptStep[] => [start, 20 + 40 * random(), ...answer.slice(1)];

describe('the planner under load', () => {
  const seed = 20_260_101;

  // One run may be lucky: what half of the failures make of a ratio of one half is chance. Every run is long enough for the
  // breaker to open and to close again.
  it.each([
    [100, 1_600, 12],
    [20, 800, 20],
    [5, 500, 20],
  ])('F42: hides a provider that fails half of its requests, at %i requests/s', async (perSecond, count, seeds) => {
    const runs: unknown[] = [];
    for (let run = 0; run < seeds; run += 1) {
      const random = seededRandom(seed + run);
      const world = createWorld(PAIR);
      world.adapter('a').scripts = [
        new ChosenScript(() => (random() < 0.5 ? [5, ...failure('server-error')] : answersSoon(random))),
      ];
      world.adapter('b').scripts = [new ChosenScript(() => answersSoon(random))];
      const { success, calls } = figures(await drive(world, perSecond, count));
      runs.push(success >= 0.999 && calls <= 1.2 ? 'good' : { run, success, calls });
    }
    expect(runs).toEqual(runs.map(() => 'good'));
  });

  it.each([0.02, 0.5])('F42: hides a provider that stalls after it failed %d of its requests', async (share) => {
    const random = seededRandom(seed);
    const world = createWorld(PAIR);
    const stallsAt = 20_000;
    world.adapter('a').scripts = [
      new ChosenScript(() => {
        if (world.clock.monotonic() >= stallsAt) return ['hang'];
        return random() < share ? [5, ...failure('server-error')] : answersSoon(random);
      }),
    ];
    world.adapter('b').scripts = [new ChosenScript(() => answersSoon(random))];
    const sent = await drive(world, 100, 6_000);
    const { success, calls } = figures(sent);
    // Nobody waits for more than one silent attempt.
    expect(Math.max(...sent.map(({ tookMs }) => tookMs))).toBeLessThan(1_500);
    expect(success).toBeGreaterThanOrEqual(0.999);
    expect(calls).toBeLessThanOrEqual(1.2);
  });

  it('F43: refuses fast while the breaker is open, probes seldom, and is back after one probe', async () => {
    const random = seededRandom(seed);
    const world = createWorld({ providers: [providerConfig()], models: [modelConfig('m', ['a/x'])] });
    const outage = { from: 5_000, to: 65_000 };
    world.adapter('a').scripts = [
      new ChosenScript(() => {
        const now = world.clock.monotonic();
        return now >= outage.from && now < outage.to ? failure('unreachable') : answersSoon(random);
      }),
    ];
    const sent = await drive(world, 50, 5_000);
    const refused = sent.filter(({ code }) => code === 'no_healthy_upstream');
    const openSince = refused[0]?.sentAt ?? Infinity;
    expect(openSince).toBeLessThan(outage.from + 10_000);
    expect(refused.length).toBeGreaterThan(2_000);
    expect(refused.every(({ attempts, tookMs }) => attempts.length === 0 && tookMs < 50)).toBe(true);
    const whileOpen = sent.filter(({ sentAt }) => sentAt >= openSince && sentAt < outage.to);
    const probes = whileOpen.flatMap(({ attempts }) => attempts);
    expect(probes.length).toBeGreaterThan(0);
    expect(probes.length).toBeLessThanOrEqual(Math.ceil((outage.to - openSince) / OPEN_MS));
    // The next probe comes after the open interval at the latest, and takes as long as one answer.
    const recovered = sent.filter(({ sentAt }) => sentAt >= outage.to + OPEN_MS + 100);
    expect(recovered.length).toBeGreaterThan(500);
    expect(recovered.every(({ code, attempts }) => code === null && attempts.length === 1)).toBe(true);
  });
});
