import { describe, expect, it } from '@jest/globals';
import { CHAT_SURFACES, EMBEDDINGS } from './client.js';
import { useBench } from './fault-matrix.js';
import { FaultBench } from './fault-bench.js';
import { ledgerOf, priceOf } from './ledger.js';
import { describeHarmlessFaults, WHOLE_REPLY, type HarmlessFault } from './whole-answers.js';

const COUNTED = { bill: 'estimated', surfaces: CHAT_SURFACES } as const;

const FAULTS: HarmlessFault[] = [
  { id: 'F31', name: 'no usage', script: (fake) => fake.noUsage(WHOLE_REPLY), ...COUNTED },
  ...([-1_000_000_000_000, 1_000_000_000_000, null, '12 tokens', 1.5] as const).map((number): HarmlessFault => ({
    id: 'F32',
    name: `a usage of ${JSON.stringify(number)}`,
    script: (fake) => fake.absurdUsage(number, WHOLE_REPLY),
    ...COUNTED,
  })),
];

describe('usage', () => {
  const bench = new FaultBench();
  useBench(bench, { timers: { first_content_ms: 5_000, idle_ms: 5_000 } });
  describeHarmlessFaults(bench, FAULTS);

  it.each([
    ['F31 no usage', () => bench.openai.noUsage()],
    ['F32 an absurd usage', () => bench.openai.absurdUsage()],
  ])('%s with embeddings', async (_fault, script) => {
    script();
    const answer = await EMBEDDINGS.ask(bench.client, 'embed-openai-alone');
    expect(answer.status).toBe(200);
    const row = await ledgerOf(bench, answer);
    expect(row).toMatchObject({ status: 'succeeded', usage: { estimated: true, input_tokens: 1, output_tokens: 0 } });
    expect(row.cost_usd).toBeCloseTo(priceOf(row.usage), 9);
  });
});
