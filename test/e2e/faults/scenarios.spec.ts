import { describe, expect } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.js';
import type { ScriptedReply } from '../../fakes/scripted-reply.js';
import type { ServedRequest } from '../../fakes/served-request.js';
import type { Answer } from './answer.js';
import { FaultBench, useBench } from './fault-bench.js';
import { type LaneModel, TIMERS } from './fault-gateway.js';
import type { FaultLane } from './fault-lane.js';
import { expectBill, ledgerOf, priceOf, type LedgerRow } from './ledger.js';
import { pairUp, type SurfaceAndVendor } from './pair-up.js';
import { STREAMS, type Surface, TEXT_SURFACES, WHOLE } from './surfaces.js';
import { expectTold } from './told-error.js';

const PIECES = ['Failing', ' over', ' keeps', ' the', ' whole', ' answer', ' in', ' order.'];
const TEXT = PIECES.join('');
const REPLY: ScriptedReply = { pieces: PIECES, usage: { input: 12, output: 8 } };
/** Content events that were there before a stream broke. */
const SENT = 3;

const OTHER = { openai: 'anthropic', anthropic: 'openai' } as const;
type Primary = keyof typeof OTHER;
const PRIMARIES = Object.keys(OTHER) as Primary[];
const PREFILLABLE = 'claude-haiku-4-5';

interface Scenario {
  number: number;
  name: string;
  script(lane: FaultLane, primary: Primary): unknown;
  /** Requests that each of the two gets. */
  calls: { primary: number; fallback: number };
  surfaces: readonly Surface[];
  /** Appended to the primary's name for the model that is asked. */
  model?: 'window';
}

const FALLS_BACK = { primary: 1, fallback: 1 };

const SCENARIOS: Scenario[] = [
  {
    number: 1,
    name: '429 with a long Retry-After',
    script: (lane, primary) => lane[primary].failWith(429, null, { 'retry-after': '60' }),
    calls: FALLS_BACK,
    surfaces: TEXT_SURFACES,
  },
  {
    number: 1,
    name: '429 with a short Retry-After',
    script: (lane, primary) => {
      lane[primary].failWith(429, null, { 'retry-after-ms': '50' });
      lane[primary].reply(REPLY);
    },
    calls: { primary: 2, fallback: 0 },
    surfaces: TEXT_SURFACES,
  },
  {
    number: 2,
    name: '429 without Retry-After',
    script: (lane, primary) => lane[primary].failWith(429),
    calls: FALLS_BACK,
    surfaces: TEXT_SURFACES,
  },
  {
    number: 3,
    name: '500 once',
    script: (lane, primary) => {
      lane[primary].failWith(500);
      lane[primary].reply(REPLY);
    },
    calls: { primary: 2, fallback: 0 },
    surfaces: TEXT_SURFACES,
  },
  {
    number: 4,
    name: '503 for ever',
    script: (lane, primary) => lane[primary].failWith(503).forever(),
    calls: { primary: 2, fallback: 1 },
    surfaces: TEXT_SURFACES,
  },
  {
    number: 5,
    name: 'a reset in place of an answer',
    script: (lane, primary) => lane[primary].resetAtOnce().forever(),
    calls: { primary: 2, fallback: 1 },
    surfaces: TEXT_SURFACES,
  },
  {
    number: 6,
    name: 'silence',
    script: (lane, primary) => lane[primary].hang().forever(),
    calls: FALLS_BACK,
    surfaces: [...STREAMS.slice(0, 1), ...WHOLE.slice(0, 1)],
  },
  {
    number: 7,
    name: 'a first token that is too slow',
    script: (lane, primary) => lane[primary].slowFirst(4_000, REPLY),
    calls: FALLS_BACK,
    surfaces: STREAMS.slice(0, 1),
  },
  {
    number: 8,
    name: 'a stream that is cut',
    script: (lane, primary) => lane[primary].cutAfter(SENT, REPLY),
    calls: FALLS_BACK,
    surfaces: STREAMS,
  },
  {
    number: 8,
    name: 'a whole answer that is cut',
    script: (lane, primary) => lane[primary].cutAfter(SENT, REPLY).forever(),
    calls: { primary: 2, fallback: 1 },
    surfaces: WHOLE,
  },
  {
    number: 9,
    name: 'a stream that stalls',
    script: (lane, primary) => lane[primary].stallAfter(SENT, REPLY),
    calls: FALLS_BACK,
    surfaces: STREAMS,
  },
  {
    number: 10,
    name: 'a malformed event',
    script: (lane, primary) => lane[primary].malformedEvent(1, REPLY),
    calls: { primary: 1, fallback: 0 },
    surfaces: STREAMS,
  },
  {
    number: 10,
    name: 'malformed events only',
    script: (lane, primary) => lane[primary].malformedEvent(4, REPLY),
    calls: FALLS_BACK,
    surfaces: STREAMS,
  },
  {
    number: 11,
    name: 'no [DONE] behind a finish',
    script: (lane, primary) => lane[primary].noDone(REPLY),
    calls: { primary: 1, fallback: 0 },
    surfaces: STREAMS,
  },
  {
    number: 12,
    name: 'a prompt that is too long',
    script: (lane, primary) => lane[primary].failAs('context-length'),
    calls: FALLS_BACK,
    surfaces: TEXT_SURFACES,
    model: 'window',
  },
];

describe('the failover scenarios, with one fallback', () => {
  const bench = new FaultBench();
  useBench(bench, {
    models: {
      ...modelsOf('openai'),
      ...modelsOf('anthropic'),
      resumed: {
        targets: ['openai/m', `anthropic/${PREFILLABLE}`],
        timeouts: TIMERS,
        on_stream_failure: 'continue',
      },
    },
  });

  describe.each(PRIMARIES)('%s first', (primary) => {
    // Each of the two is first on every other surface.
    const taking = (surfaces: readonly Surface[], turn: number): SurfaceAndVendor[] =>
      pairUp(surfaces, turn, PRIMARIES).filter(({ vendor }) => vendor === primary);
    const rows = SCENARIOS.map((scenario, turn) => [scenario.number, scenario.name, scenario, turn] as const);
    describe.each(rows)('%i: %s', (_number, _name, scenario, turn) => {
      bench.each(taking(scenario.surfaces, turn), 'nobody notices', async (lane, { surface }) => {
        scenario.script(lane, primary);
        lane[OTHER[primary]].reply(REPLY).forever();
        const answer = await lane.ask(surface, `${primary}-${scenario.model ?? 'scenario'}`);
        expectWhole(answer);
        expect([lane[primary].requests.length, lane[OTHER[primary]].requests.length]).toEqual([
          scenario.calls.primary,
          scenario.calls.fallback,
        ]);
        // Claude's `message_stop` is the sign that nothing is missing: without it the attempt has failed, with all it had to say.
        const last = primary === 'anthropic' && scenario.number === 11 ? 'failed' : 'succeeded';
        expectBooks(await ledgerOf(lane, answer), scenario.calls.primary + scenario.calls.fallback, last);
      });
    });

    bench.each(taking(TEXT_SURFACES, 0), '13: a content filter is one clean 400', async (lane, { surface }) => {
      lane[OTHER[primary]].reply(REPLY).forever();
      lane[primary].failAs('content-filter');
      const answer = await lane.ask(surface, `${primary}-scenario`);
      expectTold(answer, { status: 400, code: 'content_filter' });
      expect([lane[primary].requests.length, lane[OTHER[primary]].requests.length]).toEqual([1, 0]);
      expect(await ledgerOf(lane, answer)).toMatchObject({
        status: 'failed',
        error_code: 'content_filter',
        cost_usd: 0,
      });
    });

    bench.each(taking(STREAMS, 1), '16: a fail-over is billed attempt by attempt', async (lane, { surface }) => {
      lane[primary].resetAfter(SENT, REPLY);
      lane[OTHER[primary]].reply(REPLY);
      const row = await ledgerOf(lane, await lane.ask(surface, `${primary}-scenario`));
      const [broken, whole] = row.attempts;
      if (!broken || !whole) throw new Error('An attempt is missing.');
      expect([broken.provider, broken.outcome, whole.provider, whole.outcome]).toEqual([
        primary,
        'failed',
        OTHER[primary],
        'succeeded',
      ]);
      expectBill(broken, 'delivered');
      expect(whole.usage).toMatchObject({ input_tokens: 12, output_tokens: 8, estimated: false });
      expect(whole.cost_usd).toBeCloseTo(priceOf(whole.usage), 9);
      expectBooks(row, 2);
    });
  });

  bench.each(
    pairUp(STREAMS, 0, ['openai']),
    '14: a cut, and a fallback that refuses the prefill',
    async (lane, { surface }) => {
      lane.openai.cutAfter(SENT, REPLY);
      lane.anthropic.failWith(400, {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'This model does not support assistant message prefill.' },
      });
      lane.anthropic.reply(REPLY).forever();
      const answer = await lane.ask(surface, 'resumed');
      expectWhole(answer);
      expect(lane.anthropic.requests.map(lastRole)).toEqual(['assistant', 'user']);
      expect(answer.wire).not.toMatch(/prefill/);
      expectBooks(await ledgerOf(lane, answer), 3);
    },
  );
});

function modelsOf(primary: Primary): Record<string, LaneModel> {
  const [target, fallback] = [`${primary}/m`, `${OTHER[primary]}/m`];
  return {
    [`${primary}-scenario`]: { targets: [target, fallback], timeouts: TIMERS, on_stream_failure: 'continue' },
    [`${primary}-window`]: { targets: [target], context_fallback: [fallback], timeouts: TIMERS },
  };
}

/** What a client sees is one answer, whole, once, and properly ended. */
function expectWhole(answer: Answer): void {
  expect({ status: answer.status, error: answer.error, text: answer.text }).toEqual({
    status: 200,
    error: null,
    text: TEXT,
  });
  expect(answer.thrown).toBeNull();
  expect(answer.isWhole).toBe(true);
  expect(answer.finishReason).toBe('stop');
}

/** One row, one attempt for each request that the providers got, and a sum that is theirs. */
function expectBooks(row: LedgerRow, attempts: number, last = 'succeeded'): void {
  expect(row).toMatchObject({ status: 'succeeded', error_code: null });
  expect(row.attempts).toHaveLength(attempts);
  expect(row.attempts.at(-1)?.outcome).toBe(last);
  const costs = row.attempts.map((attempt) => attempt.cost_usd);
  expect(row.cost_usd).toBeCloseTo(
    costs.reduce((sum, cost) => sum + cost, 0),
    9,
  );
}

function lastRole({ body }: ServedRequest): unknown {
  const { messages } = body as { messages: JsonObject[] };
  return messages.at(-1)?.role;
}
