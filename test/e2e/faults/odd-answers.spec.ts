import { describe, expect } from '@jest/globals';
import { TEXT_SURFACES, EMBEDDINGS } from './surfaces.js';
import { FaultBench, useBench } from './fault-bench.js';
import type { FaultLane } from './fault-lane.js';
import { ledgerOf, priceOf } from './ledger.js';
import { ODD_STREAMS } from './streams-odd.js';
import { describeHarmlessFaults, WHOLE_REPLY, type HarmlessFault } from './whole-answers.js';

const COUNTED = { bill: 'estimated', surfaces: TEXT_SURFACES } as const;

const ODD_USAGES: HarmlessFault[] = [
  { id: 'F31', name: 'no usage', script: (fake) => fake.noUsage(WHOLE_REPLY), ...COUNTED },
  ...([-1_000_000_000_000, 1_000_000_000_000, null, '12 tokens', 1.5] as const).map((number): HarmlessFault => ({
    id: 'F32',
    name: `a usage of ${JSON.stringify(number)}`,
    script: (fake) => fake.absurdUsage(number, WHOLE_REPLY),
    ...COUNTED,
  })),
];

/** The rows of which a client notices nothing, on one bench. */
describe('answers that are odd but whole', () => {
  const bench = new FaultBench();
  useBench(bench, { timers: { first_content_ms: 20_000, idle_ms: 20_000 } });
  describeHarmlessFaults(bench, ODD_STREAMS);
  describeHarmlessFaults(bench, ODD_USAGES);

  describe.each([
    ['F31 no usage', ({ openai }: FaultLane) => openai.noUsage()],
    ['F32 an absurd usage', ({ openai }: FaultLane) => openai.absurdUsage()],
  ] as const)('%s', (_fault, script) => {
    bench.it('with embeddings', async (lane) => {
      script(lane);
      const answer = await lane.ask(EMBEDDINGS, 'embed-openai-alone');
      expect(answer.status).toBe(200);
      const row = await ledgerOf(lane, answer);
      expect(row).toMatchObject({ status: 'succeeded', usage: { estimated: true, input_tokens: 1, output_tokens: 0 } });
      expect(row.cost_usd).toBeCloseTo(priceOf(row.usage), 9);
    });
  });
});
