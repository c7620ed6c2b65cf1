import { beforeEach, describe, expect, it } from '@jest/globals';
import { MeterBench } from '../../test/support/meter-bench.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import { tokenUsage } from '../core/chat/token-usage.js';
import { AppError, ClientGoneError } from '../core/errors/app-error.js';
import type { BudgetTerms } from '../core/principal.js';
import type { ChatMeter } from './usage-meter.js';

const budget = (rest: Partial<BudgetTerms> = {}): BudgetTerms => ({
  id: 'bud_1',
  owner: 'key',
  window: 'day',
  amountUsd: '1.0000000000',
  timeZone: 'UTC',
  model: null,
  ...rest,
});
// 3 for the answer, 3 for the message, 2 for its text: 8 tokens.
const request = (rest: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'gpt-4o',
  stream: true,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hello world' }] }],
  maxOutputTokens: 100,
  ...rest,
});
const refusal = new AppError('insufficient_quota', 'no');

let bench: MeterBench;

beforeEach(() => {
  bench = new MeterBench();
});

function withBudgets(...budgets: BudgetTerms[]): void {
  bench.call = bench.newCall({ budgets });
}

const admit = (rest: Partial<ChatRequest> = {}): Promise<ChatMeter> =>
  bench.meter().admitChat(request(rest), bench.call);
const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : String(error));

async function* events(...given: ChatEvent[]): AsyncGenerator<ChatEvent> {
  for (const event of given) yield await Promise.resolve(event);
}

async function read(meter: ChatMeter, ...given: ChatEvent[]): Promise<void> {
  for await (const _ of meter.meter(events(...given))) continue;
}

const text: ChatEvent = { type: 'text-delta', choice: 0, text: 'hi' };
const finish: ChatEvent = { type: 'finish', choice: 0, finishReason: 'stop' };

describe('the order of the gate', () => {
  it('asks limits, then budgets, then the ledger', async () => {
    withBudgets(budget());
    bench.hasLimits = true;
    await admit();
    // 8 * 2.5 + 100 * 10 millionths.
    expect(bench.log).toEqual(['enter 103', 'reserve 0.0010200000', 'open 0.0010200000']);
    expect(bench.openings).toMatchObject([{ provider: 'openai', model: 'gpt-4o', estimatedInputTokens: 8 }]);
  });

  it.each([false, true])('reserves at a glance where there is plenty (far away: %s)', async (isSlow) => {
    withBudgets(budget());
    Object.assign(bench, { isSlow, hasPlenty: true });
    await admit();
    // 3 for the answer, 3 for the message and 11 bytes.
    expect(bench.log).toEqual(['take 0.0010425000', 'open 0.0010425000']);
    expect(bench.openings).toMatchObject([{ estimatedInputTokens: 3 }]);
  });

  it('asks nobody but the ledger where nothing is limited, and tokenizes nothing', async () => {
    await admit();
    expect(bench.log).toEqual(['open']);
    expect(bench.openings).toMatchObject([{ estimatedInputTokens: 3, holds: [] }]);
  });

  it.each([false, true])('gives back what was taken before a refusal (far away: %s)', async (isSlow) => {
    for (const [step, taken] of [
      ['enter', []],
      ['reserve', ['enter 103', 'cancel']],
      ['open', ['enter 103', 'reserve 0.0010200000', 'release', 'cancel']],
    ] as const) {
      bench = new MeterBench();
      Object.assign(bench, { isSlow, hasLimits: true, refusals: { [step]: refusal } });
      withBudgets(budget());
      expect(await admit().catch(codeOf)).toBe('insufficient_quota');
      bench.call.finish();
      expect(bench.log).toEqual(taken);
      expect(bench.rows).toEqual([]);
    }
  });

  it('gives everything back when the client left while limits and budgets were asked', async () => {
    withBudgets(budget());
    Object.assign(bench, { isSlow: true, hasLimits: true });
    bench.meanwhile = () => {
      bench.call.abort(new ClientGoneError());
      bench.call.finish();
    };
    expect(await admit().catch(codeOf)).toMatch('ClientGoneError');
    expect(bench.log).toEqual(['enter 103', 'reserve 0.0010200000', 'release', 'cancel']);
    expect(bench.rows).toEqual([]);
  });

  it.each<[string, Partial<ChatRequest>, string]>([
    ['a model that does not exist', { model: 'nothing' }, 'model_not_found'],
    ['a model that the key may not use', { model: 'both' }, 'model_not_allowed'],
    ['a model without a price', { model: 'llama' }, 'model_not_priced'],
    [
      'a parameter without a price',
      { source: { dialect: 'openai-chat', body: { web_search_options: {} } } },
      'unpriced_parameter',
    ],
  ])('refuses %s before it asks anybody', async (_name, rest, code) => {
    bench.hasLimits = true;
    bench.call = bench.newCall({ budgets: [budget()], models: ['gpt-4o', 'llama'] });
    expect(await admit(rest).catch(codeOf)).toBe(code);
    expect(bench.log).toEqual([]);
  });
});

describe('what is reserved', () => {
  it.each<[string, Partial<ChatRequest>, string]>([
    ['each choice', { choices: 3 }, '0.0030200000'],
    // 46 (of 8 counted ones) * 1 + 100 * 5 at Claude, 8 * 0.15 + 100 * 0.6 at OpenAI.
    ['the dearest candidate', { model: 'both' }, '0.0005460000'],
    // Thinking comes on top at Anthropic: 46 * 1 + (100 + 2,000) * 5.
    ['thinking', { model: 'both', reasoning: { budgetTokens: 2_000 } }, '0.0105460000'],
    ['the default limit', { maxOutputTokens: undefined }, '0.0100200000'],
    ['what the model can write', { maxOutputTokens: 1_000_000 }, '0.1638600000'],
  ])('covers %s', async (_name, rest, expected) => {
    withBudgets(budget());
    await admit(rest);
    expect(bench.log[0]).toBe(`reserve ${expected}`);
  });

  it('sends the limit that is reserved', async () => {
    withBudgets(budget());
    const source = { dialect: 'openai-chat', body: { model: 'gpt-4o', max_tokens: 1_000_000 } } as const;
    const unlimited = await admit({ maxOutputTokens: undefined });
    const clamped = await admit({ maxOutputTokens: 1_000_000, source });
    expect(unlimited.request.maxOutputTokens).toBe(1_000);
    expect(clamped.request).toMatchObject({ maxOutputTokens: 16_384, source: { body: { max_tokens: 16_384 } } });
    expect(bench.call.warnings).toEqual(['The output limit was lowered to 16384 tokens: the model writes no more.']);
  });

  it('leaves requests alone that no budget applies to', async () => {
    withBudgets(budget({ model: 'claude/*' }));
    const given = request({ maxOutputTokens: undefined });
    expect((await bench.meter().admitChat(given, bench.call)).request).toBe(given);
    expect(bench.log).toEqual(['open']);
  });

  it('covers the inputs of embeddings and nothing else', async () => {
    withBudgets(budget());
    const model = 'text-embedding-3-small';
    await bench.meter().admitEmbeddings({ model, inputs: ['hello world'] }, bench.call);
    expect(bench.log[0]).toBe('reserve 0.0000000400');
  });
});

describe('what is charged', () => {
  it('is the cost, while all that was reserved goes back', async () => {
    withBudgets(budget());
    const meter = await admit();
    bench.attempt({ usage: tokenUsage({ input: 8, output: 10 }) });
    await read(meter, text, finish, { type: 'usage', usage: tokenUsage({ input: 8, output: 10 }) });
    bench.call.finish();
    expect(bench.rows[0]?.charges).toMatchObject([
      { budgetId: 'bud_1', reservedUsd: '0.0010200000', spentUsd: '0.0001200000' },
    ]);
    expect(bench.log).not.toContain('release');
  });

  it('is more than was reserved when the provider says so', async () => {
    withBudgets(budget());
    const meter = await admit();
    bench.attempt({ usage: tokenUsage({ input: 8_000, output: 100 }) });
    await read(meter, text, finish, { type: 'usage', usage: tokenUsage({ input: 8_000, output: 100 }) });
    bench.call.finish();
    expect(bench.rows[0]?.charges).toMatchObject([{ reservedUsd: '0.0010200000', spentUsd: '0.0210000000' }]);
  });

  it('is for a model budget what was sent to that model, or asked for under its name', async () => {
    withBudgets(budget(), budget({ id: 'bud_2', model: 'claude/*' }), budget({ id: 'bud_3', model: 'both' }));
    await admit({ model: 'both' });
    bench.attempt({ model: 'gpt-4o-mini', usage: tokenUsage({ input: 1_000 }) });
    bench.attempt({ provider: 'claude', model: 'claude-haiku-4-5', usage: tokenUsage({ input: 1_000 }) });
    bench.call.finish();
    expect(bench.rows[0]?.charges.map(({ budgetId, spentUsd }) => [budgetId, spentUsd])).toEqual([
      ['bud_1', '0.0011500000'],
      ['bud_2', '0.0010000000'],
      ['bud_3', '0.0011500000'],
    ]);
  });

  it('adds up what one call reserves and spends', async () => {
    withBudgets(budget());
    const model = 'text-embedding-3-small';
    const meter = bench.meter();
    const embedding = await meter.admitEmbeddings({ model, inputs: ['hello world'] }, bench.call);
    bench.attempt({ model, usage: tokenUsage({ input: 2 }) });
    embedding.meter({ model, vectors: [], usage: tokenUsage({ input: 2 }), warnings: [] });
    await meter.admitChat(request(), bench.call);
    expect(bench.openings.map(({ id, holds }) => [id, holds[0]?.reservedUsd])).toEqual([
      [bench.openings[0]?.id, '0.0000000400'],
      [bench.openings[0]?.id, '0.0010200400'],
    ]);
    bench.attempt({ usage: tokenUsage({ input: 8, output: 10 }) });
    bench.call.finish();
    expect(bench.rows).toMatchObject([
      { id: bench.openings[0]?.id, charges: [{ reservedUsd: '0.0010200400', spentUsd: '0.0001200400' }] },
    ]);
  });

  it('is nothing when nothing was dispatched', async () => {
    withBudgets(budget());
    bench.hasLimits = true;
    const meter = await admit();
    meter.fail(new AppError('no_healthy_upstream', 'none'));
    bench.call.finish();
    expect(bench.rows[0]?.charges).toMatchObject([{ reservedUsd: '0.0010200000', spentUsd: '0.0000000000' }]);
    expect(bench.log.slice(-1)).toEqual(['cancel']);
  });
});

describe('another attempt', () => {
  const billed = { outcome: 'failed', errorKind: 'timeout', hasResponded: false } as const;

  it('costs no extension after one that was free', async () => {
    withBudgets(budget());
    await admit();
    bench.attempt({ outcome: 'failed', errorKind: 'overloaded' });
    await bench.call.beforeRetry?.();
    expect(bench.log).toHaveLength(2);
  });

  it('has the cost of the failed ones reserved on top, once each', async () => {
    withBudgets(budget());
    await admit();
    bench.attempt(billed);
    await bench.call.beforeRetry?.();
    await bench.call.beforeRetry?.();
    bench.attempt(billed);
    await bench.call.beforeRetry?.();
    // 8 * 2.5 millionths each.
    expect(bench.log.slice(2)).toEqual([
      'extend 0.0000200000',
      'open 0.0010400000',
      'extend 0.0000200000',
      'open 0.0010600000',
    ]);
    bench.attempt({ usage: tokenUsage({ input: 8, output: 100 }) });
    bench.call.finish();
    expect(bench.rows[0]?.charges).toMatchObject([{ reservedUsd: '0.0010600000', spentUsd: '0.0010600000' }]);
  });

  it('beside one that is still looking for a connection has the prompt of that one reserved on top', async () => {
    withBudgets(budget());
    await admit();
    bench.attempt({ outcome: null, wasSent: false, hasResponded: false });
    await bench.call.beforeRetry?.();
    expect(bench.log.slice(2)).toEqual(['extend 0.0000200000', 'open 0.0010400000']);
  });

  it('is refused when nothing is left, and costs what was there', async () => {
    withBudgets(budget());
    const meter = await admit();
    bench.attempt(billed);
    bench.refusals.extend = refusal;
    const refused = await bench.call.beforeRetry?.().catch((error: unknown) => error);
    expect(refused).toBe(refusal);
    meter.fail(refused);
    bench.call.finish();
    expect(bench.rows).toMatchObject([
      { status: 'failed', errorCode: 'insufficient_quota', charges: [{ reservedUsd: '0.0010200000' }] },
    ]);
  });

  it('gives back what was reserved for it after the client had left', async () => {
    withBudgets(budget());
    bench.isSlow = true;
    await admit();
    bench.attempt(billed);
    bench.meanwhile = () => {
      bench.call.abort(new ClientGoneError());
      bench.call.finish();
    };
    await bench.call.beforeRetry?.();
    await new Promise(setImmediate);
    expect(bench.rows).toMatchObject([{ charges: [{ reservedUsd: '0.0010400000', spentUsd: '0.0000200000' }] }]);
  });
});
