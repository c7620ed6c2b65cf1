import { describe, expect, it } from '@jest/globals';
import {
  chatRequest,
  createCall,
  createWorld,
  finish,
  modelConfig,
  type ScriptStep,
  start,
} from '../../../test/support/scripted-providers.js';
import type { HedgeConfig } from '../../config/gateway-config.js';
import { collectChat } from '../../core/chat/collect-chat.js';

const CALLS = 2_000;
const USUAL_MS = 100;
const BLOCK = 20;
const SLOW_FACTOR = 10;
/** Milliseconds between two calls. */
const PACE_MS = 40;

interface Measured {
  readonly p99Ms: number;
  /** Requests beyond one for each call, as a share of the calls. */
  readonly extra: number;
}

/** Numbers from 0 up to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** Answers that vary by half; in each twenty of them there is one, anywhere, that takes ten times as long. */
function answers(random: () => number): ScriptStep[][] {
  let slow = 0;
  return Array.from({ length: CALLS + 1 }, (_, index) => {
    if (index % BLOCK === 0) slow = index + Math.floor(random() * BLOCK);
    const usualMs = USUAL_MS * (0.75 + random() / 2);
    const ms = index === slow ? usualMs * SLOW_FACTOR : usualMs;
    return [start, Math.round(ms), { type: 'text-delta', choice: 0, text: 'x' }, finish];
  });
}

async function measure(seed: number, hedge: HedgeConfig | null): Promise<Measured> {
  const random = randomOf(seed);
  const world = createWorld({
    scripts: { a: answers(random), b: answers(random) },
    models: [modelConfig('m', ['a/x', 'b/x'], { hedge })],
  });
  const times: number[] = [];
  const open: Promise<void>[] = [];
  for (let count = 0; count < CALLS; count += 1) {
    const call = createCall(world.clock);
    const done = world.registry.chat(chatRequest(), call).then(collectChat);
    open.push(
      done.then(() => {
        times.push(call.firstContentMs ?? Infinity);
        call.finish();
      }),
    );
    await world.clock.advance(PACE_MS);
  }
  await world.clock.advance(USUAL_MS * SLOW_FACTOR * 2);
  await Promise.all(open);
  times.sort((left, right) => left - right);
  const requests = world.adapter('a').seen.length + world.adapter('b').seen.length;
  return { p99Ms: times[Math.ceil(CALLS * 0.99) - 1] ?? Infinity, extra: (requests - CALLS) / CALLS };
}

describe('hedging against a heavy tail', () => {
  it.each([1, 2, 3])('halves the p99 of the first content at 6 %% of extra calls (seed %i)', async (seed) => {
    const plain = await measure(seed, null);
    const hedged = await measure(seed, { after: 'p95', maxExtra: 0.05 });
    expect(plain.extra).toBe(0);
    expect(hedged.p99Ms).toBeLessThanOrEqual(plain.p99Ms / 2);
    expect(hedged.extra).toBeGreaterThan(0);
    expect(hedged.extra).toBeLessThanOrEqual(0.06);
  });
});
