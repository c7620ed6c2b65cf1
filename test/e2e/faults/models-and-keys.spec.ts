import { describe, expect } from '@jest/globals';
import { expectFailure } from './expect-answer.js';
import { FaultBench, useBench } from './fault-bench.js';
import { TIMERS } from './fault-gateway.js';
import { type FaultLane, SIBLING, type VendorName } from './fault-lane.js';
import { expectBill, ledgerOf } from './ledger.js';
import { pairUp } from './pair-up.js';
import { EMBEDDINGS, TEXT_SURFACES, WHOLE } from './surfaces.js';
import { expectTold } from './told-error.js';

const UNKNOWN_MODEL = {
  status: 404,
  code: 'model_not_found',
  param: { openai: 'model', anthropic: 'model', gemini: 'model' },
};

describe('models that are gone and keys that are refused', () => {
  const bench = new FaultBench();
  useBench(bench, {
    models: {
      'openai-short': { targets: ['openai/m'], context_fallback: ['anthropic/m'], timeouts: TIMERS },
      'anthropic-short': { targets: ['anthropic/m'], context_fallback: ['openai/m'], timeouts: TIMERS },
      'gemini-short': { targets: ['gemini/m'], context_fallback: ['openai/m'], timeouts: TIMERS },
      'responses-short': { targets: ['responses/m'], context_fallback: ['openai/m'], timeouts: TIMERS },
    },
  });

  bench.each(
    pairUp(TEXT_SURFACES, 0),
    'F14 a context that is too long goes to the larger window that is configured for it',
    async (lane, { vendor, surface }) => {
      const sibling = lane.healthySibling(vendor);
      lane[vendor].failAs('context-length').forever();
      const answer = await lane.ask(surface, `${vendor}-short`);
      expect(answer).toMatchObject({ status: 200, text: SIBLING.text, isWhole: true });
      expect(answer.headers.get('x-trunkline-attempts')).toBe('2');
      expect([lane[vendor].requests.length, sibling.requests.length]).toEqual([1, 1]);
      const row = await ledgerOf(lane, answer);
      expect(row.attempts).toMatchObject([
        { outcome: 'failed', error_kind: 'context-length', cost_usd: 0 },
        { outcome: 'succeeded', cost_usd: SIBLING.costUsd },
      ]);
      expect(await lane.target(vendor)).toMatchObject({ breaker: 'closed', consecutive_failures: 0 });
    },
  );

  bench.each(pairUp(TEXT_SURFACES, 1), 'F14 any other refusal does not', async (lane, { vendor, surface }) => {
    const sibling = lane.healthySibling(vendor);
    lane[vendor].failWith(400).forever();
    const answer = await lane.ask(surface, `${vendor}-short`);
    expect(answer.status).toBe(400);
    expect(sibling.requests).toHaveLength(0);
  });

  bench.each(
    pairUp(TEXT_SURFACES, 2),
    'F15 a model that only the client named does not exist, and is nobody else’s fault',
    async (lane, { vendor, surface }) => {
      lane[vendor].failAs('model-not-found').forever();
      const answer = await lane.ask(surface, `fragile-${vendor}/unheard-of`);
      expectFailure(answer, UNKNOWN_MODEL, 1, vendor);
      expect(lane[vendor].requests).toHaveLength(1);
      expectBill(await ledgerOf(lane, answer), 'nothing');
      const target = await lane.target(`fragile-${vendor}`, 'unheard-of');
      expect(target).toMatchObject({ breaker: 'closed', consecutive_failures: 0, last_error: null, cool_down: null });
    },
  );

  describe.each<[string, string, (lane: FaultLane, vendor: VendorName) => { forever(): unknown }, string, number]>([
    [
      'F08',
      'their money has ended',
      (lane, vendor) => lane[vendor].failAs('quota-exhausted'),
      'upstream_quota_exhausted',
      0,
    ],
    ['F12', '401', (lane, vendor) => lane[vendor].failWith(401), 'upstream_auth_failed', 1],
    ['F12', '403', (lane, vendor) => lane[vendor].failWith(403), 'upstream_auth_failed', 2],
  ])('%s %s: the credential is out of use, and nobody asks with it again', (_id, _what, script, code, turn) => {
    bench.each(pairUp(TEXT_SURFACES, turn), 'is alarmed', async (lane, { vendor, surface }) => {
      script(lane, vendor).forever();
      expectTold(await lane.ask(surface, `${vendor}-alone`), { status: 502, code });
      expectTold(await lane.ask(surface, `${vendor}-alone`), { status: 502, code });
      expect(lane[vendor].requests).toHaveLength(1);
      expect(await lane.target(vendor)).toMatchObject({ breaker: 'closed', credentials: { total: 1, usable: 0 } });
    });
  });

  bench.it('F15 embeddings of a model that only the client named', async (lane) => {
    lane.openai.failAs('model-not-found').forever();
    const answer = await lane.ask(EMBEDDINGS, 'fragile-openai/unheard-of');
    expectFailure(answer, UNKNOWN_MODEL, 1, 'openai');
  });
});

describe('several keys', () => {
  const bench = new FaultBench();
  const keys = ['sk-first-key', 'sk-second-key'];
  useBench(bench, {
    lanes: 3,
    models: { pooled: { targets: ['pool/m', 'anthropic/m'], timeouts: TIMERS } },
    providers: ({ openai }) => ({ pool: { type: 'openai-compatible', base_url: openai.url, api_keys: keys } }),
  });

  describe.each([
    ['F06 limited', 429],
    ['F12 refused', 401],
    ['F12 forbidden', 403],
  ])('%s', (_what, status) => {
    bench.each(
      pairUp(WHOLE.slice(0, 1), 0, ['openai']),
      'another key of the same target goes first',
      async (lane, pair) => {
        const { openai, anthropic } = lane;
        openai.reply({ text: 'With another key.' }).forever();
        openai.failWith(status, null, { 'retry-after': '30' });
        const answer = await lane.ask(pair.surface, 'pooled');
        expect(answer).toMatchObject({ status: 200, text: 'With another key.' });
        const [first, second] = openai.requests.map(({ headers }) => headers.authorization);
        expect(first).not.toBe(second);
        expect(anthropic.requests).toHaveLength(0);
        expect(await lane.target('pool')).toMatchObject({ credentials: { total: 2, usable: 1 } });
      },
    );
  });
});
