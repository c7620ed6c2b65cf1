import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { countChatTokens } from '../../src/tokens/count-tokens.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import type { ScriptedReply } from '../fakes/scripted-reply.js';
import { expectSpent, untilAdmitted } from '../support/key-books.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { LedgerRow } from './faults/ledger.js';

const MESSAGES = [{ role: 'user' as const, content: 'Hello there' }];
/** What we count for the prompt is what the fakes report: then the books can be compared to the token. */
const PROMPT_TOKENS = countChatTokens({
  model: 'm',
  stream: true,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello there' }] }],
});
const ANSWER_TOKENS = 4;
const REPLY: ScriptedReply = {
  pieces: ['One', ' two', ' three', ' four'],
  usage: { input: PROMPT_TOKENS, output: ANSWER_TOKENS },
};
const TEXT = 'One two three four';
const LEARNT = 20;
const PRICE = { input: 1, output: 2 };

type Row = LedgerRow & { readonly saved_usd: number | null };

interface Told {
  readonly id: string;
  readonly text: string;
  readonly attempts: string | null;
  readonly provider: string | null;
}

const east = new FakeOpenAi();
const west = new FakeOpenAi();
let app: TestApp;
let serial = 0;

beforeAll(async () => {
  await Promise.all([east.start(), west.start()]);
  app = await startTestApp({
    gateway: {
      providers: {
        east: { type: 'openai-compatible', base_url: east.url, api_keys: ['sk-east'] },
        west: { type: 'openai-compatible', base_url: west.url, api_keys: ['sk-west'] },
      },
      models: {
        hedged: { targets: ['east/m', 'west/m'], hedge: { after: 'p95', max_extra: 0.5 } },
        shared: { targets: ['east/m', 'west/m'], single_flight: true },
        every: {
          targets: ['east/m', 'west/m'],
          hedge: { after: 'p95', max_extra: 0.5 },
          single_flight: true,
          on_stream_failure: 'continue',
        },
      },
      prices: { 'east/m': PRICE, 'west/m': PRICE },
    },
  });
});

beforeEach(() => {
  for (const fake of [east, west]) {
    fake.reset();
    fake.reply(REPLY).forever();
  }
});

afterAll(async () => {
  await app.close();
  await Promise.all([east.stop(), west.stop()]);
});

const row = async (id: string): Promise<Row> => (await app.ledgerRow(id)) as unknown as Row;

function newId(): string {
  serial += 1;
  return `hedging-${String(serial)}`;
}

/** Streams one answer with the official client. */
async function stream(model: string, options: { key?: string; id?: string; signal?: AbortSignal } = {}): Promise<Told> {
  const { key = app.adminKey, id = newId(), signal } = options;
  const client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: key, maxRetries: 0 });
  const { data, response } = await client.chat.completions
    .create({ model, messages: MESSAGES, stream: true }, { headers: { 'x-request-id': id }, signal })
    .withResponse();
  let text = '';
  for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? '';
  const { headers } = response;
  return { id, text, attempts: headers.get('x-trunkline-attempts'), provider: headers.get('x-trunkline-provider') };
}

const ask = (id: string, options: { key?: string; content?: string } = {}): Promise<Response> =>
  app.post(
    '/v1/chat/completions',
    { model: 'shared', messages: [{ role: 'user', content: options.content ?? 'Hello there' }] },
    { headers: { 'x-request-id': id }, ...(options.key === undefined ? {} : { key: options.key }) },
  );

describe('hedging', () => {
  it('answers from where content comes first, and the ledger and the providers agree to the token', async () => {
    const told: Told[] = [];
    for (let count = 0; count < LEARNT; count += 1) told.push(await stream('hedged'));

    // The first one is silent: the second one answers, and the first one hears no more of it.
    east.stallAfter(0, REPLY);
    const won = await stream('hedged');
    expect(won).toMatchObject({ text: TEXT, attempts: '2', provider: 'west' });
    await east.waitForClose();
    expect(await row(won.id)).toMatchObject({
      status: 'succeeded',
      provider: 'west',
      attempts: [
        { provider: 'east', outcome: 'aborted', usage: { input_tokens: PROMPT_TOKENS, output_tokens: 0 } },
        {
          ...{ provider: 'west', outcome: 'succeeded', is_hedge: true },
          usage: { input_tokens: PROMPT_TOKENS, output_tokens: ANSWER_TOKENS },
        },
      ],
    });

    // The second one is silent as well, and the first one answers late.
    const late = east.stallAfter(0, REPLY);
    west.hang();
    const pending = stream('hedged');
    const count = west.requests.length;
    await west.waitForRequests(count + 1);
    late.release();
    const lost = await pending;
    expect(lost).toMatchObject({ text: TEXT, provider: 'east' });
    await west.waitForClose();
    expect((await row(lost.id)).attempts).toMatchObject([
      { provider: 'east', outcome: 'succeeded' },
      { provider: 'west', outcome: 'aborted', usage: { input_tokens: PROMPT_TOKENS, output_tokens: 0 } },
    ]);

    const rows = await Promise.all([...told, won, lost].map(({ id }) => row(id)));
    const requests = [...east.requests, ...west.requests];
    expect(rows.flatMap(({ attempts }) => attempts)).toHaveLength(requests.length);
    const whole = requests.filter(({ completed }) => completed).length;
    expect(tokensOf(rows)).toEqual({ input: requests.length * PROMPT_TOKENS, output: whole * ANSWER_TOKENS });
    const metrics = await (await app.get('/metrics')).text();
    expect(metrics).toMatch(/trunkline_hedges_total\{provider="east",model="m",outcome="won"\} [1-9]/);
  });

  it('takes both out of the budget of the key', async () => {
    const made = await app.post('/admin/keys', { name: 'spender', budgets: [{ window: 'total', amount_usd: 1 }] });
    const { id, key } = (await made.json()) as { id: string; key: string };
    east.stallAfter(0, REPLY);
    const told = await stream('hedged', { key });
    expect(told).toMatchObject({ text: TEXT, attempts: '2', provider: 'west' });
    const cost = (2 * PROMPT_TOKENS * PRICE.input + ANSWER_TOKENS * PRICE.output) / 1_000_000;
    expect((await row(told.id)).cost_usd).toBeCloseTo(cost, 9);
    await expectSpent(app, id, cost);
  });
});

describe('single flight', () => {
  it('sends identical requests once: the first pays, the others have a row of what they saved', async () => {
    const held = east.stallAfter(0, REPLY);
    const ids = Array.from({ length: 20 }, newId);
    const answers = ids.map((id) => ask(id));
    await untilAdmitted(app, ids);
    held.release();
    const replies = await Promise.all(
      answers.map(async (answer) => {
        const response = await answer;
        return { cost: response.headers.get('x-trunkline-cost-usd'), body: await response.text() };
      }),
    );
    expect(new Set(replies.map(({ body }) => body)).size).toBe(1);
    expect(replies[0]?.body).toContain(TEXT);
    expect(east.requests.length + west.requests.length).toBe(1);
    const cost = (PROMPT_TOKENS * PRICE.input + ANSWER_TOKENS * PRICE.output) / 1_000_000;
    const rows = await Promise.all(ids.map(row));
    const paid = rows.filter(({ attempts }) => attempts.length > 0);
    expect(paid).toMatchObject([{ status: 'succeeded', cost_usd: cost, saved_usd: null }]);
    expect(replies.filter((reply) => Number(reply.cost) === cost)).toHaveLength(1);
    for (const free of rows.filter((one) => one !== paid[0])) {
      expect(free).toMatchObject({ status: 'succeeded', provider: 'east', cost_usd: 0, saved_usd: cost, attempts: [] });
      expect(free.usage).toMatchObject({ input_tokens: 0, output_tokens: 0 });
    }
  });

  it('goes on when the one who sent it leaves, and ends when the last one does', async () => {
    const held = east.stallAfter(2, REPLY);
    const [leaver, stayer, both, last] = [newId(), newId(), newId(), newId()];
    const gone = new AbortController();
    const left = stream('shared', { id: leaver, signal: gone.signal }).catch(() => 'left');
    await east.waitForRequests(1);
    const whole = stream('shared', { id: stayer });
    await untilAdmitted(app, [leaver, stayer]);
    gone.abort();
    expect(await left).not.toHaveProperty('text', TEXT);
    held.release();
    expect(await whole).toMatchObject({ text: TEXT, attempts: null });
    expect(await row(leaver)).toMatchObject({ status: 'succeeded', attempts: [{ outcome: 'succeeded' }] });
    expect(await row(stayer)).toMatchObject({ status: 'succeeded', cost_usd: 0 });

    east.stallAfter(2, REPLY);
    const all = new AbortController();
    const pending = [both, last].map((id) => stream('shared', { id, signal: all.signal }).catch(() => 'left'));
    await untilAdmitted(app, [both, last]);
    expect(east.requests).toHaveLength(2);
    all.abort();
    await Promise.all(pending);
    await east.waitForClose();
    const rows = await Promise.all([both, last].map(row));
    expect(rows.map(({ status }) => status)).toEqual(['aborted', 'aborted']);
    expect(rows.map(({ attempts }) => attempts.length).sort()).toEqual([0, 1]);
  });

  it('shares nothing with other projects, other bodies, or keys that may not use the model', async () => {
    const key = await app.createKey({ project: 'elsewhere' });
    const made = await app.post('/admin/keys', { name: 'other', models: ['hedged'] });
    const { key: barred } = (await made.json()) as { key: string };
    const held = [east.stallAfter(0, REPLY), east.stallAfter(0, REPLY), east.stallAfter(0, REPLY)];
    const answers = [ask(newId()), ask(newId(), { key }), ask(newId(), { content: 'Hello there!' })];
    await east.waitForRequests(3);
    const refused = await ask(newId(), { key: barred });
    expect(refused.status).toBe(403);
    for (const one of held) one.release();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('a failure is everybody\u2019s', async () => {
    const held = east.stallAfter(0, REPLY);
    const ids = [newId(), newId()];
    const asked = ids.map((id) => ask(id));
    await untilAdmitted(app, ids);
    // The stalled request was the only one; now its provider goes away, and so does the other.
    for (const fake of [east, west]) fake.failWith(500).forever();
    await Promise.all([east.stop(), west.stop()]);
    held.release();
    const answers = await Promise.all(asked);
    await Promise.all([east.start(), west.start()]);
    expect(answers.map(({ status }) => status)).toEqual([502, 502]);
    expect((await Promise.all(ids.map(row))).map(({ status }) => status)).toEqual(['failed', 'failed']);
    app.resetProviders();
  });
});

describe('a race, a break and a shared answer in one, asked for with keys under a budget', () => {
  const post = (id: string, key: string, idempotencyKey: string): Promise<Response> => {
    const body = { model: 'every', messages: MESSAGES, stream: true, stream_options: { include_usage: true } };
    const headers = { 'x-request-id': id, 'idempotency-key': idempotencyKey };
    return app.post('/v1/chat/completions', body, { key, headers });
  };

  it('are one whole answer, paid once, with every attempt in the books', async () => {
    const made = await app.post('/admin/keys', { name: 'all', budgets: [{ window: 'total', amount_usd: 1 }] });
    const { id: keyId, key } = (await made.json()) as { id: string; key: string };
    for (let count = 0; count < LEARNT; count += 1) await stream('every');
    const before = [east, west].map(({ requests }) => requests.length);

    // The first one is silent, the second one wins and breaks, and the first one begins anew.
    east.stallAfter(0, REPLY);
    west.cutAfter(2, REPLY);
    const held = east.stallAfter(3, REPLY);
    const ids = [newId(), newId()];
    const asked = ids.map((id) => post(id, key, `every-${id}`));
    await untilAdmitted(app, ids);
    held.release();
    const texts = await Promise.all(asked.map(async (response) => (await response).text()));
    expect(texts[0]).toBe(texts[1]);
    expect([...(texts[0] ?? '').matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('')).toBe(TEXT);
    expect(texts[0]?.endsWith('data: [DONE]\n\n')).toBe(true);

    const rows = await Promise.all(ids.map(row));
    const paid = rows.find(({ attempts }) => attempts.length > 0);
    const free = rows.find((one) => one !== paid);
    expect(paid?.attempts).toMatchObject([
      { provider: 'east', outcome: 'aborted', usage: { input_tokens: PROMPT_TOKENS, output_tokens: 0 } },
      { provider: 'west', outcome: 'failed', usage: { input_tokens: PROMPT_TOKENS, output_tokens: 2 } },
      { provider: 'east', outcome: 'succeeded', usage: { input_tokens: PROMPT_TOKENS, output_tokens: ANSWER_TOKENS } },
    ]);
    const cost = (3 * PROMPT_TOKENS * PRICE.input + (2 + ANSWER_TOKENS) * PRICE.output) / 1_000_000;
    expect(paid?.cost_usd).toBeCloseTo(cost, 9);
    expect(free).toMatchObject({ status: 'succeeded', cost_usd: 0, saved_usd: paid?.cost_usd, attempts: [] });
    // What was told is the usage of the answer, without the request that lost.
    expect(texts[0]).toContain(
      `"prompt_tokens":${String(2 * PROMPT_TOKENS)},"completion_tokens":${String(2 + ANSWER_TOKENS)}`,
    );
    await expectSpent(app, keyId, cost);

    const again = await Promise.all(ids.map(async (id) => (await post(newId(), key, `every-${id}`)).text()));
    expect(again).toEqual(texts);
    expect([east, west].map(({ requests }, index) => requests.length - (before[index] ?? 0))).toEqual([2, 1]);
    await expectSpent(app, keyId, cost);
  });
});

function tokensOf(rows: readonly Row[]): { input: number; output: number } {
  const sum = (pick: (row: Row) => number): number => rows.reduce((total, one) => total + pick(one), 0);
  return { input: sum(({ usage }) => usage.input_tokens), output: sum(({ usage }) => usage.output_tokens) };
}
