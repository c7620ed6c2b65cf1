import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { FakeAnthropic } from '../../fakes/fake-anthropic.js';
import { FakeGemini } from '../../fakes/fake-gemini.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import type { ScriptedProvider } from '../../fakes/scripted-provider.js';
import type { ScriptedReply } from '../../fakes/scripted-reply.js';
import { readSse } from '../../support/read-sse.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import type { LedgerRow } from '../faults/ledger.js';

const PIECES = ['The', ' bar-tailed', ' godwit ', 'flies\n', '\n11,000', ' kilometres', ' without', ' a', ' stop.'];
const TEXT = PIECES.join('');
const REPLY: ScriptedReply = { pieces: PIECES, usage: { input: 20, output: 9 } };
const FAMILIES = ['openai', 'anthropic', 'gemini', 'lab'] as const;
type Family = (typeof FAMILIES)[number];
/** Of these only Claude's takes the beginning of its answer. */
const MODELS: Record<Family, string> = {
  openai: 'gpt-5.4-mini',
  anthropic: 'claude-haiku-4-5',
  gemini: 'gemini-2.5-flash',
  lab: 'llama',
};
const INSTRUCTION = 'Fahre genau dort fort.';
const PRICE = { input: 1, output: 2 };

describe('streams that go on after they broke', () => {
  const fakes = {
    openai: new FakeOpenAi(),
    anthropic: new FakeAnthropic(),
    gemini: new FakeGemini(),
    lab: new FakeOpenAi(),
  };
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    await Promise.all(Object.values(fakes).map((fake: ScriptedProvider) => fake.start()));
    const targetOf = (family: Family): string => `${family}/${MODELS[family]}`;
    // Only one of these tests waits for it; the others must not be interrupted by a busy machine.
    const timeouts = { idle_ms: 2_000, first_content_ms: 20_000 };
    app = await startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: fakes.openai.url, api_keys: ['sk-fake'] },
          anthropic: { type: 'anthropic', base_url: fakes.anthropic.url, api_keys: ['sk-fake'] },
          gemini: { type: 'gemini', base_url: fakes.gemini.url, api_keys: ['sk-fake'] },
          lab: { type: 'openai-compatible', base_url: fakes.lab.url, api_keys: ['sk-fake'] },
        },
        models: Object.fromEntries(
          pairs.map(({ first, second }) => [
            `${first}-${second}`,
            { targets: [...new Set([targetOf(first), targetOf(second)])], timeouts, on_stream_failure: 'continue' },
          ]),
        ),
        prices: Object.fromEntries(FAMILIES.map((family) => [targetOf(family), PRICE])),
        continuation: { instruction: INSTRUCTION },
      },
    });
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  });

  beforeEach(() => {
    for (const fake of Object.values(fakes)) fake.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all(Object.values(fakes).map((fake: ScriptedProvider) => fake.stop()));
  });

  interface Streamed {
    text: string;
    finishes: (string | null)[];
    ids: Set<string>;
    usage: OpenAI.CompletionUsage | null;
    row: LedgerRow;
    head: Headers;
  }

  async function stream(model: string, openai = client): Promise<Streamed> {
    const messages = [{ role: 'user' as const, content: 'Tell me of a bird.' }];
    const options = { include_usage: true };
    const request = openai.chat.completions.create({ model, messages, stream: true, stream_options: options });
    const { data, response } = await request.withResponse();
    const read = { text: '', finishes: [] as (string | null)[], ids: new Set<string>() };
    let usage: OpenAI.CompletionUsage | null = null;
    for await (const chunk of data) {
      read.ids.add(chunk.id);
      read.text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.choices[0]?.finish_reason) read.finishes.push(chunk.choices[0].finish_reason);
      usage = chunk.usage ?? usage;
    }
    const id = response.headers.get('x-request-id') ?? '';
    return { ...read, usage, row: (await app.ledgerRow(id)) as unknown as LedgerRow, head: response.headers };
  }

  /** The client's answer is one and whole, and its usage is the bill of all attempts. */
  function expectOneAnswer({ text, finishes, ids, usage, row }: Streamed): void {
    expect(text).toBe(TEXT);
    expect(finishes).toEqual(['stop']);
    expect(ids.size).toBe(1);
    expect(row).toMatchObject({ status: 'succeeded', error_code: null });
    expect([usage?.prompt_tokens, usage?.completion_tokens]).toEqual([row.usage.input_tokens, row.usage.output_tokens]);
    const costs = row.attempts.map((attempt) => attempt.cost_usd);
    expect(row.cost_usd).toBeCloseTo(
      costs.reduce((sum, cost) => sum + cost, 0),
      9,
    );
  }

  /** Answers from where the conversation stops: what a model does that goes on with its answer. */
  function goOn(fake: ScriptedProvider): void {
    fake
      .reply(({ body }) => {
        const asked = JSON.stringify(body);
        const known = PIECES.map((_, index) =>
          PIECES.slice(0, index + 1)
            .join('')
            .trimEnd(),
        ).findLast((beginning) => asked.includes(JSON.stringify(beginning).slice(1, -1)));
        return { text: TEXT.slice(known?.length ?? 0), usage: { input: 30, output: 5 } };
      })
      .forever();
  }

  const CUTS = [
    [1, 'cutAfter'],
    [4, 'resetAfter'],
    [9, 'errorFrameAfter'],
  ] as const;

  const pairs = FAMILIES.flatMap((first) => FAMILIES.map((second) => ({ first, second })));

  it.each(pairs.map((pair, index) => ({ ...pair, cut: CUTS[index % CUTS.length] })))(
    'are whole: $first, then $second, after $cut',
    async ({ first, second, cut: [after, how] = [1, 'cutAfter'] }) => {
      fakes[first][how](after, REPLY);
      goOn(fakes[second]);
      const answer = await stream(`${first}-${second}`);
      expectOneAnswer(answer);
      expect(answer.row.attempts.map(({ provider }) => provider)).toEqual([first, second]);
      expect(answer.row.attempts).toMatchObject([
        { outcome: 'failed', usage: { estimated: true }, is_continuation: false },
        { is_continuation: true, is_hedge: false },
      ]);
      expect(answer.head.get('x-trunkline-provider')).toBe(first);
    },
  );

  it('go on by instruction where the second says it otherwise, and all of it is billed', async () => {
    fakes.openai.stallAfter(3, REPLY);
    fakes.gemini.reply({ text: 'Something else altogether.' });
    goOn(fakes.gemini);
    const answer = await stream('openai-gemini');
    expectOneAnswer(answer);
    expect(answer.row.attempts.map(({ outcome, error_kind: kind }) => [outcome, kind])).toEqual([
      ['failed', 'timeout'],
      ['aborted', 'aborted'],
      ['succeeded', null],
    ]);
    for (const attempt of answer.row.attempts) expect(attempt.cost_usd).toBeGreaterThan(0);
    expect(JSON.stringify(fakes.gemini.requests.at(-1)?.body)).toContain(INSTRUCTION);
    await fakes.openai.waitForClose();
    const metrics = await (await app.get('/metrics')).text();
    expect(metrics).toMatch(/trunkline_stream_continuations_total\{way="instruction"\} 1/);
  });

  it('of native chat have one start and one done', async () => {
    fakes.openai.cutAfter(4, REPLY);
    goOn(fakes.anthropic);
    const response = await app.post('/v1/chat/stream', { model: 'openai-anthropic', message: 'Tell me.' });
    const frames = (await readSse(response)).map(({ data }) => data);
    expect(frames.pop()).toBe('[DONE]');
    const events = frames.map((data) => JSON.parse(data) as { type: string; content?: string; usage?: object });
    expect(events.map(({ content = '' }) => content).join('')).toBe(TEXT);
    const types = events.map(({ type }) => type);
    expect([types[0], types.at(-1), new Set(types.slice(1, -1))]).toEqual(['start', 'done', new Set(['delta'])]);
    const row = (await app.ledgerRow()) as unknown as LedgerRow;
    const { input_tokens, output_tokens } = row.usage;
    expect(events.at(-1)).toMatchObject({ usage: { input_tokens, output_tokens }, cost_usd: row.cost_usd });
  });

  it('count what no provider told', async () => {
    fakes.openai.cutAfter(4, REPLY);
    fakes.anthropic.noUsage({ text: TEXT.slice('The bar-tailed godwit flies'.length) });
    expectOneAnswer(await stream('openai-anthropic'));
  });

  it('break in band where the budget does not pay for the rest', async () => {
    fakes.openai.cutAfter(4, REPLY);
    goOn(fakes.anthropic);
    // The smallest budget that lets the request in has no room for what the broken attempt cost.
    let code: unknown = 'insufficient_quota';
    for (let micros = 8_200; code === 'insufficient_quota'; micros += 10) {
      const budgets = [{ window: 'total', amount_usd: micros / 1_000_000 }];
      const { key } = (await (await app.post('/admin/keys', { name: 'poor', budgets })).json()) as { key: string };
      const poor = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: key, maxRetries: 0 });
      code = await stream('openai-anthropic', poor).then(
        () => 'answered',
        (error: unknown) => (error as { code: unknown }).code,
      );
    }
    expect(code).toBe('upstream_stream_interrupted');
    expect(fakes.openai.requests).toHaveLength(1);
    expect(fakes.anthropic.requests).toHaveLength(0);
    expect(fakes.openai.requests[0]?.body.max_completion_tokens).toBeGreaterThan(0);
  });

  it('end with their client, wherever it leaves', async () => {
    for (const isFound of [true, false]) {
      fakes.openai.cutAfter(4, REPLY);
      if (isFound) fakes.anthropic.stallAfter(2, { text: ' flies and flies' });
      else fakes.anthropic.hang();
      const leaving = new AbortController();
      const request = { model: 'openai-anthropic', message: 'Tell me.' };
      const response = await app.post('/v1/chat/stream', request, { signal: leaving.signal });
      const id = response.headers.get('x-request-id') ?? '';
      await fakes.anthropic.waitForRequests(1);
      leaving.abort();
      await fakes.anthropic.waitForClose();
      const row = (await app.ledgerRow(id)) as unknown as LedgerRow;
      expect(row.status).toBe('aborted');
      expect(row.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'aborted']);
      fakes.anthropic.reset();
    }
  });
});
