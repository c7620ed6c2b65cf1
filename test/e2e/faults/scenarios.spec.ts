import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.js';
import type { ScriptedReply } from '../../fakes/scripted-reply.js';
import type { ServedRequest } from '../../fakes/served-request.js';
import { CHAT_SURFACES, STREAMS, WHOLE, type Answer, type Surface } from './client.js';
import { FaultBench, TIMERS } from './fault-bench.js';
import { useBench } from './fault-matrix.js';
import { expectBill, ledgerOf, priceOf, type LedgerRow } from './ledger.js';

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
  script(bench: FaultBench, primary: Primary): unknown;
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
    script: (bench, primary) => bench[primary].failWith(429, null, { 'retry-after': '60' }),
    calls: FALLS_BACK,
    surfaces: CHAT_SURFACES,
  },
  {
    number: 1,
    name: '429 with a short Retry-After',
    script: (bench, primary) => {
      bench[primary].failWith(429, null, { 'retry-after-ms': '50' });
      bench[primary].reply(REPLY);
    },
    calls: { primary: 2, fallback: 0 },
    surfaces: CHAT_SURFACES,
  },
  {
    number: 2,
    name: '429 without Retry-After',
    script: (bench, primary) => bench[primary].failWith(429),
    calls: FALLS_BACK,
    surfaces: CHAT_SURFACES,
  },
  {
    number: 3,
    name: '500 once',
    script: (bench, primary) => {
      bench[primary].failWith(500);
      bench[primary].reply(REPLY);
    },
    calls: { primary: 2, fallback: 0 },
    surfaces: CHAT_SURFACES,
  },
  {
    number: 4,
    name: '503 for ever',
    script: (bench, primary) => bench[primary].failWith(503).forever(),
    calls: { primary: 2, fallback: 1 },
    surfaces: CHAT_SURFACES,
  },
  {
    number: 5,
    name: 'a reset in place of an answer',
    script: (bench, primary) => bench[primary].resetAtOnce().forever(),
    calls: { primary: 2, fallback: 1 },
    surfaces: CHAT_SURFACES,
  },
  {
    number: 6,
    name: 'silence',
    script: (bench, primary) => bench[primary].hang().forever(),
    calls: FALLS_BACK,
    surfaces: [...STREAMS.slice(0, 1), ...WHOLE.slice(0, 1)],
  },
  {
    number: 7,
    name: 'a first token that is too slow',
    script: (bench, primary) => bench[primary].slowFirst(1_500, REPLY),
    calls: FALLS_BACK,
    surfaces: STREAMS.slice(0, 1),
  },
  {
    number: 8,
    name: 'a stream that is cut',
    script: (bench, primary) => bench[primary].cutAfter(SENT, REPLY),
    calls: FALLS_BACK,
    surfaces: STREAMS,
  },
  {
    number: 8,
    name: 'a whole answer that is cut',
    script: (bench, primary) => bench[primary].cutAfter(SENT, REPLY).forever(),
    calls: { primary: 2, fallback: 1 },
    surfaces: WHOLE,
  },
  {
    number: 9,
    name: 'a stream that stalls',
    script: (bench, primary) => bench[primary].stallAfter(SENT, REPLY),
    calls: FALLS_BACK,
    surfaces: STREAMS,
  },
  {
    number: 10,
    name: 'a malformed event',
    script: (bench, primary) => bench[primary].malformedEvent(1, REPLY),
    calls: { primary: 1, fallback: 0 },
    surfaces: STREAMS,
  },
  {
    number: 10,
    name: 'malformed events only',
    script: (bench, primary) => bench[primary].malformedEvent(4, REPLY),
    calls: FALLS_BACK,
    surfaces: STREAMS,
  },
  {
    number: 11,
    name: 'no [DONE] behind a finish',
    script: (bench, primary) => bench[primary].noDone(REPLY),
    calls: { primary: 1, fallback: 0 },
    surfaces: STREAMS,
  },
  {
    number: 12,
    name: 'a prompt that is too long',
    script: (bench, primary) => bench[primary].failAs('context-length'),
    calls: FALLS_BACK,
    surfaces: CHAT_SURFACES,
    model: 'window',
  },
];

describe('the failover scenarios, with one fallback', () => {
  const bench = new FaultBench();
  useBench(bench, {
    models: {
      ...modelsOf('openai'),
      ...modelsOf('anthropic'),
      prefilled: {
        targets: ['openai/m', `anthropic/${PREFILLABLE}`],
        timeouts: TIMERS,
        on_stream_failure: 'continue',
      },
    },
  });

  const fallbackOf = (primary: Primary): FaultBench[Primary] => bench[OTHER[primary]];

  describe.each(PRIMARIES)('%s first', (primary) => {
    const cases = SCENARIOS.flatMap((scenario) =>
      scenario.surfaces
        .filter(({ name }) => primary === 'openai' || !name.startsWith('/'))
        .map((surface) => [scenario.number, scenario.name, surface.name, scenario, surface] as const),
    );

    it.each(cases)('%i: %s, %s', async (_number, _name, _surface, scenario, surface) => {
      scenario.script(bench, primary);
      fallbackOf(primary).reply(REPLY).forever();
      const answer = await surface.ask(bench.client, `${primary}-${scenario.model ?? 'scenario'}`);
      expectWhole(answer);
      expect([bench[primary].requests.length, fallbackOf(primary).requests.length]).toEqual([
        scenario.calls.primary,
        scenario.calls.fallback,
      ]);
      // Claude's `message_stop` is the sign that nothing is missing: without it the attempt has failed, with all it had to say.
      const last = primary === 'anthropic' && scenario.number === 11 ? 'failed' : 'succeeded';
      expectBooks(await ledgerOf(bench, answer), scenario.calls.primary + scenario.calls.fallback, last);
    });

    it.each(CHAT_SURFACES.map((surface) => [surface.name, surface] as const))(
      '13: a content filter is one clean 400, %s',
      async (_name, surface) => {
        fallbackOf(primary).reply(REPLY).forever();
        bench[primary].failAs('content-filter');
        const answer = await surface.ask(bench.client, `${primary}-scenario`);
        expect(answer).toMatchObject({ status: 400, error: { type: 'invalid_request_error', code: 'content_filter' } });
        expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
        expect([bench[primary].requests.length, fallbackOf(primary).requests.length]).toEqual([1, 0]);
        expect(await ledgerOf(bench, answer)).toMatchObject({
          status: 'failed',
          error_code: 'content_filter',
          cost_usd: 0,
        });
      },
    );

    it.each(STREAMS.map((surface) => [surface.name, surface] as const))(
      '16: a fail-over is billed attempt by attempt, %s',
      async (_name, surface) => {
        bench[primary].resetAfter(SENT, REPLY);
        fallbackOf(primary).reply(REPLY);
        const row = await ledgerOf(bench, await surface.ask(bench.client, `${primary}-scenario`));
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
      },
    );
  });

  it.each(STREAMS.map((surface) => [surface.name, surface] as const))(
    '14: a cut, and a fallback that refuses the prefill, %s',
    async (_name, surface) => {
      bench.openai.cutAfter(SENT, REPLY);
      bench.anthropic.failWith(400, {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'This model does not support assistant message prefill.' },
      });
      bench.anthropic.reply(REPLY).forever();
      const answer = await surface.ask(bench.client, 'prefilled');
      expectWhole(answer);
      expect(bench.anthropic.requests.map(lastRole)).toEqual(['assistant', 'user']);
      expect(answer.wire).not.toMatch(/prefill/);
      expectBooks(await ledgerOf(bench, answer), 3);
    },
  );
});

function modelsOf(primary: Primary): Record<string, object> {
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
