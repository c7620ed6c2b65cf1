import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chatBody, type Outcome, OverloadBench } from '../support/overload-bench.js';
import { steadyLoad } from '../support/steady-load.js';

const SEATS = 40;
const UPSTREAM_MS = 200;
const PEAK_SECONDS = 10;
const SECONDS = Number(process.env.SOAK_SECONDS ?? 60);
const TIMES = 3;
const REFUSAL_MS = 100;
const RECOVERY_MS = 10_000;
const MOST_GROWTH_BYTES = 200 * 1024 ** 2;
const BODY = chatBody('Hello');
const bench = new OverloadBench();

beforeAll(async () => {
  await bench.open({ MAX_IN_FLIGHT: String(SEATS) });
  bench.provider.reply({ text: 'Yes.', delayMs: UPSTREAM_MS }).forever();
});

afterAll(() => bench.close());

const ask = (): Promise<Outcome> => bench.ask('/v1/chat/completions', BODY);
const memory = (): Promise<number> => bench.metric('process_resident_memory_bytes');

/** What the process does when exactly as many ask as it takes, each again as soon as it was answered. */
async function peakPerSecond(): Promise<number> {
  let answered = 0;
  const endsAt = performance.now() + PEAK_SECONDS * 1_000;
  const client = async (): Promise<void> => {
    while (performance.now() < endsAt) if ((await ask()).status === 200) answered += 1;
  };
  await Promise.all(Array.from({ length: SEATS }, client));
  return answered / PEAK_SECONDS;
}

it(`R10 ${String(TIMES)} times as many requests as it can take, for ${String(SECONDS)} s`, async () => {
  await peakPerSecond();
  const peak = await peakPerSecond();
  const before = await memory();
  const outcomes: Outcome[] = [];
  const startedAt = performance.now();
  await steadyLoad({ perSecond: Math.ceil(peak * TIMES), seconds: SECONDS }, async () => {
    outcomes.push(await ask());
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  const endedAt = performance.now();
  while ((await ask()).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
  const recoveredMs = performance.now() - endedAt;
  const goodput = outcomes.filter(({ status }) => status === 200).length / seconds;
  const refused = outcomes.filter(({ status }) => status === 503);
  const times = refused.map(({ serverMs }) => serverMs).sort((a, b) => a - b);
  const late = times[Math.floor(times.length * 0.99)] ?? 0;
  const growth = (await memory()) - before;
  const reasons = await Promise.all(
    ['full', 'waited', 'event-loop', 'heap', 'memory'].map(
      async (reason) =>
        `${reason} ${String(await bench.metric('trunkline_admission_refusals_total', `{reason="${reason}"}`))}`,
    ),
  );
  process.stdout.write(
    `peak ${peak.toFixed(0)}/s; offered ${(outcomes.length / seconds).toFixed(0)}/s: goodput ${goodput.toFixed(0)}/s ` +
      `(${((goodput / peak) * 100).toFixed(0)} %), refused ${String(refused.length)} of ${String(outcomes.length)}, in ` +
      `${String(times[times.length >> 1])} ms (p50), ${String(late)} ms (p99), ${String(times.at(-1))} ms (most); ` +
      `memory ${(growth / 1024 ** 2).toFixed(0)} MiB more; normal again after ${recoveredMs.toFixed(0)} ms; ${reasons.join(', ')}\n`,
  );
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([200, 503]));
  expect(refused.filter(({ saysWhen }) => !saysWhen)).toEqual([]);
  expect(goodput).toBeGreaterThanOrEqual(0.9 * peak);
  expect(late).toBeLessThanOrEqual(REFUSAL_MS);
  expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
  expect(recoveredMs).toBeLessThan(RECOVERY_MS);
});
