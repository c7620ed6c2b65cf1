import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.js';
import { contentText } from '../../fakes/scripted-reply.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { readSse } from '../../support/read-sse.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

interface Reply {
  answer: string;
  answered: boolean;
  reason?: string;
  confidence: number;
  queries: string[];
  sources: { document_id: string; text: string }[];
  citations: { quote: string; supported: boolean }[];
  warnings?: string[];
  model: string | null;
  cost_usd: number | null;
}

const BIRDS =
  'The bar-tailed godwit flies from Alaska to New Zealand without a stop, about 11,000 kilometres in eight days.';
const FERRY =
  'The island ferry leaves the harbour at nine. It takes forty minutes and carries 120 passengers and their bicycles.';
const HISTORY = [
  { role: 'user', content: 'Which bird flies to New Zealand without a stop?' },
  { role: 'assistant', content: 'The bar-tailed godwit [1].' },
];
const FOLLOW_UP = { question: 'And how long does it take?', history: HISTORY };
const REWRITTEN = 'How long does the bar-tailed godwit take to fly to New Zealand?';

describe('questions in a conversation', () => {
  const openAi = new FakeOpenAi();
  let app: TestApp;

  beforeAll(async () => {
    await openAi.start();
    app = await startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake'] },
          lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-fake'] },
        },
        models: {
          reader: { targets: ['openai/gpt-5.4-mini'] },
          unknown: { targets: ['lab/some-model'] },
        },
        prices: { 'lab/some-model': { input: 1, output: 1 } },
        defaults: { chat: 'local/extractive', embeddings: 'local/lexical-384' },
        answers: { no_answer_text: 'Our files say nothing about that.' },
      },
    });
    await index('godwit', BIRDS);
    await index('ferry', FERRY);
  });

  beforeEach(() => {
    openAi.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await openAi.stop();
  });

  async function index(id: string, content: string): Promise<void> {
    const body = { source: `${id}.md`, document_id: id, content };
    const { job_id: job } = (await (await app.post('/v1/index', body)).json()) as { job_id: string };
    expect(await app.waitForJob(job)).toMatchObject({ status: 'succeeded' });
  }

  async function ask(body: object): Promise<Reply> {
    const response = await app.post('/v1/query', body);
    if (response.status !== 200) throw new Error(`${String(response.status)}: ${await response.text()}`);
    return (await response.json()) as Reply;
  }

  function promptOf(request: { body: JsonObject } | undefined): { role: string; text: string }[] {
    const messages = (request?.body.messages ?? []) as { role: string; content: unknown }[];
    return messages.map(({ role, content }) => ({ role, text: contentText(content) }));
  }

  it('has the model make a follow-up understandable, and searches for what it asked as well', async () => {
    openAi.reply({ text: `Standalone question: "${REWRITTEN}"`, usage: { input: 50, output: 12 } });
    openAi.reply({ text: 'Eight days [1].', usage: { input: 300, output: 6 } });
    const reply = await ask({ ...FOLLOW_UP, model: 'reader' });
    expect(reply.queries).toEqual([FOLLOW_UP.question, REWRITTEN]);
    expect(reply.sources[0]?.document_id).toBe('godwit');
    expect(reply.warnings).toBeUndefined();
    const [rewrite, answer] = openAi.requests;
    expect(promptOf(rewrite)[1]?.text).toContain(HISTORY[0]?.content);
    expect(JSON.stringify(rewrite?.body)).not.toContain('11,000');
    // The model answers what was asked, with the turns before it.
    expect(promptOf(answer).map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(promptOf(answer).at(-1)?.text).toContain(FOLLOW_UP.question);
    expect(promptOf(answer).at(-1)?.text).not.toContain(REWRITTEN);
    // Both requests are on the bill.
    const row = await app.ledgerRow();
    expect((row.attempts as { provider: string }[]).filter(({ provider }) => provider === 'openai')).toHaveLength(2);
    expect(Number(row.cost_usd)).toBeCloseTo(reply.cost_usd ?? -1, 10);
  });

  it.each([
    ['fails', (): unknown => openAi.failWith(400)],
    ['refuses', (): unknown => openAi.reply({ refusal: 'I will not.' })],
    ['says nothing', (): unknown => openAi.reply({ text: '   ' })],
    ['writes an essay', (): unknown => openAi.reply({ text: 'godwit '.repeat(200) })],
    ['is cut off', (): unknown => openAi.reply({ text: 'How long does the', finishReason: 'length' })],
  ])('searches with the turn before when the model that rewrites %s', async (_name, script) => {
    script();
    openAi.reply({ text: 'Eight days [1].' });
    const reply = await ask({ ...FOLLOW_UP, model: 'reader' });
    expect(reply).toMatchObject({ answered: true, queries: [FOLLOW_UP.question, HISTORY[0]?.content] });
    expect(reply.sources[0]?.document_id).toBe('godwit');
    expect(reply.warnings).toEqual([expect.stringContaining('follow-up')]);
  });

  it('searches with the turn before when there is no model at all', async () => {
    const reply = await ask(FOLLOW_UP);
    expect(reply).toMatchObject({ answered: true, queries: [FOLLOW_UP.question, HISTORY[0]?.content], cost_usd: 0 });
    expect(reply.sources[0]?.document_id).toBe('godwit');
    expect(openAi.requests).toHaveLength(0);
  });

  it('finds the subject of a standalone question although the conversation was about another', async () => {
    openAi.reply({ text: 'How long does the bar-tailed godwit take?' });
    openAi.reply({ text: 'At nine [1].' });
    const question = 'When does the island ferry leave the harbour?';
    const reply = await ask({ question, history: HISTORY, model: 'reader' });
    expect(reply.queries[0]).toBe(question);
    expect(reply.sources[0]?.document_id).toBe('ferry');
  });

  it('leaves the oldest turns out when the window is small, and says so', async () => {
    const history = Array.from({ length: 40 }, (_, n) => ({
      role: n % 2 === 0 ? 'user' : 'assistant',
      content: `Turn ${String(n)}: ${'the ferry and its timetable of the year '.repeat(60)}`,
    }));
    openAi.reply({ text: 'When does the ferry leave the harbour?' });
    openAi.reply({ text: 'At nine [1].' });
    const reply = await ask({ question: 'When does the ferry leave the harbour?', history, model: 'unknown' });
    expect(reply.warnings).toEqual([
      expect.stringMatching(/no room for 0 of the sources and \d+ of the earlier turns/),
    ]);
    const sent = promptOf(openAi.requests[1]);
    const turns = sent.slice(1, -1);
    expect(turns.length).toBeGreaterThan(2);
    expect(turns.length).toBeLessThan(40);
    expect(turns[0]?.role).toBe('user');
    expect(turns.at(-1)?.text).toContain('Turn 39:');
    expect(sent.at(-1)?.text).toContain(FERRY);
    const words = sent.reduce((sum, { text }) => sum + text.split(/\s+/).length, 0);
    expect(words).toBeLessThan(10_000);
  });

  it('says what is configured when the documents do not answer, whoever finds it out', async () => {
    const unrelated = await ask({ question: 'Who painted the ceiling of the Sistine Chapel?', model: 'reader' });
    expect(unrelated).toMatchObject({ answered: false, reason: 'no_relevant_context', cost_usd: 0, model: null });
    expect(unrelated.answer).toBe('Our files say nothing about that.');
    expect(unrelated.confidence).toBeLessThan(0.25);
    expect(openAi.requests).toHaveLength(0);
    openAi.reply({ pieces: ['Die Dokumente ', 'enthalten keine Antwort ', 'auf diese Frage.'] });
    const frames = await readSse(
      await app.post('/v1/stream', { question: 'Wie viele Passagiere carries the island ferry?', model: 'reader' }),
    );
    const events = frames.slice(0, -1).map((frame) => JSON.parse(frame.data) as { type: string; text?: string });
    expect(events.map(({ type }) => type)).toEqual(['retrieval', 'sources', 'delta', 'done']);
    expect(events[2]?.text).toBe('Our files say nothing about that.');
    expect(events.at(-1)).toMatchObject({ answered: false, reason: 'no_relevant_context', citations: [] });
  });

  it('says that an answer was cut off or filtered', async () => {
    const question = 'How many passengers does the island ferry carry?';
    openAi.reply({ text: 'It carries 120 passengers [1], and', finishReason: 'length' });
    expect(await ask({ question, model: 'reader' })).toMatchObject({
      answered: true,
      warnings: [expect.stringContaining('cut off')],
    });
    openAi.reply({ text: 'It', finishReason: 'content-filter' });
    expect(await ask({ question, model: 'reader' })).toMatchObject({ answered: false, reason: 'no_answer' });
  });

  it('passes a failure on as what it is, on both routes', async () => {
    const body = { question: 'How many passengers does the island ferry carry?', model: 'reader' };
    openAi.failAs('context-length').times(2);
    for (const path of ['/v1/query', '/v1/stream']) {
      const response = await app.post(path, body);
      expect(await response.text()).toContain('context_length_exceeded');
      expect(response.headers.get('content-type')).toContain('application/json');
      expect(response.status).toBe(400);
    }
  });

  it.each([
    ['breaks off', (): unknown => openAi.cutAfter(3, { text: 'It carries 120 passengers [1] a day.' })],
    [
      'is broken off by the provider',
      (): unknown => openAi.errorFrameAfter(3, { text: 'It carries 120 passengers [1].' }),
    ],
    ['ends without an end', (): unknown => openAi.noFinish({ text: 'It carries 120 passengers [1].' })],
  ])('ends a stream with an error when the answer %s', async (_name, script) => {
    script();
    const body = { question: 'How many passengers does the island ferry carry?', model: 'reader' };
    const frames = await readSse(await app.post('/v1/stream', body));
    const events = frames.map((frame) => JSON.parse(frame.data) as { type: string });
    expect(events.map(({ type }) => type).slice(0, 3)).toEqual(['retrieval', 'sources', 'delta']);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: expect.any(String) } });
    expect(events.some(({ type }) => type === 'done' || type === 'citation')).toBe(false);
  });
});
