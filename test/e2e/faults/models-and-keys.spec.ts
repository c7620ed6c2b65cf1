import { beforeEach, describe, expect, it } from '@jest/globals';
import { CHAT_SURFACES, EMBEDDINGS } from './client.js';
import { expectFailure } from './expect-answer.js';
import { FaultBench, SIBLING, TIMERS, VENDORS } from './fault-bench.js';
import { useBench } from './fault-matrix.js';
import { expectBill, ledgerOf } from './ledger.js';

const SURFACES = CHAT_SURFACES.map((surface) => [surface.name, surface] as const);

describe('models that are gone and keys that are refused', () => {
  const bench = new FaultBench();
  useBench(bench, {
    models: {
      'openai-short': { targets: ['openai/m'], context_fallback: ['anthropic/m'], timeouts: TIMERS },
      'anthropic-short': { targets: ['anthropic/m'], context_fallback: ['openai/m'], timeouts: TIMERS },
      'gemini-short': { targets: ['gemini/m'], context_fallback: ['openai/m'], timeouts: TIMERS },
    },
  });

  describe.each(VENDORS)('%s', (vendor) => {
    describe.each(SURFACES)('%s', (_name, surface) => {
      it('F14 a context that is too long goes to the larger window that is configured for it', async () => {
        const sibling = bench.healthySibling(vendor);
        bench[vendor].failAs('context-length').forever();
        const answer = await surface.ask(bench.client, `${vendor}-short`);
        expect(answer).toMatchObject({ status: 200, text: SIBLING.text, isWhole: true });
        expect(answer.headers.get('x-trunkline-attempts')).toBe('2');
        expect([bench[vendor].requests.length, sibling.requests.length]).toEqual([1, 1]);
        const row = await ledgerOf(bench, answer);
        expect(row.attempts).toMatchObject([
          { outcome: 'failed', error_kind: 'context-length', cost_usd: 0 },
          { outcome: 'succeeded', cost_usd: SIBLING.costUsd },
        ]);
        expect(await bench.target(vendor)).toMatchObject({ breaker: 'closed', consecutive_failures: 0 });
      });

      it('F14 any other refusal does not', async () => {
        const sibling = bench.healthySibling(vendor);
        bench[vendor].failWith(400).forever();
        const answer = await surface.ask(bench.client, `${vendor}-short`);
        expect(answer.status).toBe(400);
        expect(sibling.requests).toHaveLength(0);
      });

      it('F15 a model that only the client named does not exist, and is nobody else’s fault', async () => {
        bench[vendor].failAs('model-not-found').forever();
        const answer = await surface.ask(bench.client, `fragile-${vendor}/unheard-of`);
        const failure = {
          status: 404,
          code: 'model_not_found',
          param: { openai: 'model', anthropic: 'model', gemini: 'model' },
        };
        expectFailure(answer, failure, 1, vendor);
        expect(bench[vendor].requests).toHaveLength(1);
        expectBill(await ledgerOf(bench, answer), 'nothing');
        const target = await bench.target(`fragile-${vendor}`, 'unheard-of');
        expect(target).toMatchObject({ breaker: 'closed', consecutive_failures: 0, last_error: null, cool_down: null });
      });

      it.each([
        ['F08', 'their money has ended', () => bench[vendor].failAs('quota-exhausted'), 'upstream_quota_exhausted'],
        ['F12', '401', () => bench[vendor].failWith(401), 'upstream_auth_failed'],
        ['F12', '403', () => bench[vendor].failWith(403), 'upstream_auth_failed'],
      ])('%s %s: the credential is out of use, and nobody asks with it again', async (_id, _what, script, code) => {
        script().forever();
        expect(await surface.ask(bench.client, `${vendor}-alone`)).toMatchObject({ status: 502, error: { code } });
        expect(await surface.ask(bench.client, `${vendor}-alone`)).toMatchObject({ status: 502, error: { code } });
        expect(bench[vendor].requests).toHaveLength(1);
        expect(await bench.target(vendor)).toMatchObject({ breaker: 'closed', credentials: { total: 1, usable: 0 } });
      });
    });
  });

  it('F15 embeddings of a model that only the client named', async () => {
    bench.openai.failAs('model-not-found').forever();
    const answer = await EMBEDDINGS.ask(bench.client, 'fragile-openai/unheard-of');
    const failure = {
      status: 404,
      code: 'model_not_found',
      param: { openai: 'model', anthropic: 'model', gemini: 'model' },
    };
    expectFailure(answer, failure, 1, 'openai');
  });
});

describe('several keys', () => {
  const bench = new FaultBench();
  const keys = ['sk-first-key', 'sk-second-key'];
  useBench(bench, {
    models: { pooled: { targets: ['pool/m', 'anthropic/m'], timeouts: TIMERS } },
    providers: () => ({ pool: { type: 'openai-compatible', base_url: bench.openai.url, api_keys: keys } }),
  });
  beforeEach(() => {
    bench.openai.reply({ text: 'With another key.' }).forever();
  });

  it.each([
    ['F06 limited', 429],
    ['F12 refused', 401],
    ['F12 forbidden', 403],
  ])('%s: another key of the same target goes first', async (_what, status) => {
    bench.openai.failWith(status, null, { 'retry-after': '30' });
    const answer = await CHAT_SURFACES[0]?.ask(bench.client, 'pooled');
    expect(answer).toMatchObject({ status: 200, text: 'With another key.' });
    const [first, second] = bench.openai.requests.map(({ headers }) => headers.authorization);
    expect(first).not.toBe(second);
    expect(bench.anthropic.requests).toHaveLength(0);
    expect(await bench.target('pool')).toMatchObject({ credentials: { total: 2, usable: 1 } });
  });
});
