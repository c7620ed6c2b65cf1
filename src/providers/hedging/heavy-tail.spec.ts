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

type IsSlow = (index: number) => boolean;

/** One of each twenty, anywhere in them. */
function evenly(random: () => number): IsSlow {
  let slow = 0;
  return (index) => {
    if (index % BLOCK === 0) slow = index + Math.floor(random() * BLOCK);
    return index === slow;
  };
}

/** Each with the same chance, whatever came before: now and then several in a row. */
function atRandom(random: () => number): IsSlow {
  return () => random() < 1 / BLOCK;
}

/** Answers that vary by half; the slow ones take ten times as long. */
function answers(random: () => number, isSlow: IsSlow): ScriptStep[][] {
  return Array.from({ length: CALLS + 1 }, (_, index) => {
    const usualMs = USUAL_MS * (0.75 + random() / 2);
    const ms = isSlow(index) ? usualMs * SLOW_FACTOR : usualMs;
    return [start, Math.round(ms), { type: 'text-delta', choice: 0, text: 'x' }, finish];
  });
}

async function measure(seed: number, tail: typeof evenly, hedge: HedgeConfig | null): Promise<Measured> {
  const random = randomOf(seed);
  const world = createWorld({
    scripts: { a: answers(random, tail(random)), b: answers(random, tail(random)) },
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

const TAILS: [string, typeof evenly][] = [
  ['one of each twenty', evenly],
  ['one of twenty by chance', atRandom],
];

describe.each(TAILS)('hedging against a heavy tail: %s takes ten times as long', (_name, tail) => {
  it.each([1, 2, 3, 4, 5])('halves the p99 of the first content at 6 %% of extra calls (seed %i)', async (seed) => {
    const plain = await measure(seed, tail, null);
    const hedged = await measure(seed, tail, { after: 'p95', maxExtra: 0.06 });
    expect(plain.extra).toBe(0);
    expect(hedged.p99Ms).toBeLessThanOrEqual(plain.p99Ms / 2);
    expect(hedged.extra).toBeGreaterThan(0);
    expect(hedged.extra).toBeLessThanOrEqual(0.06);
  });
});
