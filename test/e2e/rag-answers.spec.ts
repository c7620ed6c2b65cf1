import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { readSse } from '../support/read-sse.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface Reply {
  answer: string;
  answered: boolean;
  reason?: string;
  citations: { n: number; answer_start: number; answer_end: number; start: number; end: number; quote: string }[];
  cost_usd: number | null;
  request_id: string;
}

const TEXT =
  '# Godwits\r\n\r\n  The bar-tailed godwit \u{1F426} flies 11,000 kilometres e\u0301te\u0301 without a stop.\r\n\r\n';
const QUESTION = { question: 'How far does the godwit fly without a stop?', model: 'reader' };

describe('answers of a model', () => {
  const openAi = new FakeOpenAi();
  const embedder = new FakeOpenAi();
  let app: TestApp;

  beforeAll(async () => {
    await openAi.start();
    await embedder.start();
    app = await startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake'] },
          lab: { type: 'openai-compatible', base_url: embedder.url, api_keys: ['sk-fake'] },
        },
        models: { reader: { targets: ['openai/gpt-5.4-mini'] } },
        defaults: { chat: 'local/extractive', embeddings: 'local/lexical-384' },
      },
    });
    // The stored text begins after the mark, as what a client gets of it does.
    await index({ source: 'godwits.md', content: `\ufeff\ufeff${TEXT}` });
  });

  beforeEach(() => {
    openAi.reset();
    embedder.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await openAi.stop();
    await embedder.stop();
  });

  async function index(body: object): Promise<string> {
    const { job_id: job } = (await (await app.post('/v1/index', body)).json()) as { job_id: string };
    const { status, error } = await app.waitForJob(job);
    return error?.code ?? status;
  }

  async function ask(body: object): Promise<Reply> {
    const response = await app.post('/v1/query', body);
    expect(response.status).toBe(200);
    return (await response.json()) as Reply;
  }

  async function stream(body: object): Promise<{ type: string; text?: string }[]> {
    const frames = await readSse(await app.post('/v1/stream', body));
    expect(frames.at(-1)?.data).toBe('[DONE]');
    return frames.slice(0, -1).map((frame) => JSON.parse(frame.data) as { type: string; text?: string });
  }

  it.each([
    ['a refusal', { refusal: 'I cannot help with that.' }, 'no_answer', 'I cannot help with that.'],
    [
      'the sentence it was given, marked and unended',
      { text: 'The documents do not contain an answer to this question [1].' },
      'no_relevant_context',
      undefined,
    ],
  ])('says that %s is no answer', async (_name, reply, reason, answer) => {
    openAi.reply(reply);
    const whole = await ask(QUESTION);
    expect(whole).toMatchObject({ answered: false, reason, ...(answer !== undefined && { answer }) });
    openAi.reply(reply);
    const frames = await stream(QUESTION);
    expect(frames.at(-1)).toMatchObject({ type: 'done', answered: false, reason });
    expect(frames.map((frame) => (frame.type === 'delta' ? frame.text : '')).join('')).toBe(whole.answer);
  });

  it('takes an answer without markers as it is', async () => {
    openAi.reply({ text: 'It flies 11,000 kilometres.' });
    expect(await ask(QUESTION)).toMatchObject({ answered: true, answer: 'It flies 11,000 kilometres.', citations: [] });
  });

  it.each([
    [
      'It flies far [1][9]. `a[1]` is code \u30101\u2020x\u3011, [1](http://x) a link, [1, 2, 77] a list and [99999] a number.',
    ],
    ['\u{1F426}\u{1F426} e\u0301te\u0301 [^1].\n```\nx[1]\n```\n[[1]] [1'],
  ])('streams what it would have answered at once: %j', async (text) => {
    openAi.reply({ text });
    const whole = await ask(QUESTION);
    openAi.reply({ pieces: Array.from(text) });
    const frames = await stream(QUESTION);
    expect(frames.at(-1)).toMatchObject({ type: 'done', answer: whole.answer, citations: whole.citations });
    expect(frames.map((frame) => (frame.type === 'delta' ? frame.text : '')).join('')).toBe(whole.answer);
    expect(whole.citations.length).toBeGreaterThan(0);
    for (const citation of whole.citations) {
      expect(whole.answer.slice(citation.answer_start, citation.answer_end)).toMatch(/\[1\]$/);
      expect(TEXT.slice(citation.start, citation.end)).toBe(citation.quote);
    }
  });

  it('does not claim an answer that the extractive model could not find', async () => {
    await app.post('/v1/collections', { name: 'table' });
    await index({
      collection: 'table',
      source: 't',
      content: '| bird | godwit |\n| range | 11000 |\n| stops | none |',
    });
    const reply = await ask({ question: 'godwit bird range stops', collection: 'table' });
    expect(reply).toMatchObject({ answered: false, reason: 'no_relevant_context', citations: [] });
  });

  it('refuses an unknown model before the stream begins', async () => {
    for (const path of ['/v1/query', '/v1/stream']) {
      const response = await app.post(path, { ...QUESTION, model: 'nobody/knows' });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: 'model_not_found' } });
    }
  });

  it('ends the upstream call when the client leaves', async () => {
    openAi.stallAfter(1, { pieces: ['It ', 'flies.'] });
    const abort = new AbortController();
    const response = await app.post('/v1/stream', QUESTION, { signal: abort.signal });
    await response.body?.getReader().read();
    const request = await openAi.nextRequest();
    abort.abort();
    await openAi.waitForClose(request);
  });

  it('does not call an unpriced embedding free', async () => {
    await app.post('/v1/collections', { name: 'unpriced', embedding_model: 'lab/embedder' });
    expect(await index({ collection: 'unpriced', source: 'u', content: 'Nothing about that in here at all.' })).toBe(
      'succeeded',
    );
    const reply = await ask({ question: 'Zebra quagga okapi?', collection: 'unpriced', model: 'reader' });
    expect(openAi.requests).toHaveLength(0);
    expect(reply).toMatchObject({ answered: false, reason: 'no_relevant_context', cost_usd: null });
    embedder.failWith(400);
    expect((await app.post('/v1/search', { query: 'nothing here', collection: 'unpriced' })).status).toBe(400);
    embedder.reset();
    embedder.failWith(500).forever();
    expect((await app.post('/v1/search', { query: 'nothing here', collection: 'unpriced' })).status).toBe(502);
  });

  it('pages through documents whatever their state', async () => {
    await app.post('/v1/collections', { name: 'paged' });
    for (let n = 0; n < 7; n += 1)
      await index({ collection: 'paged', source: `p${String(n)}`, content: `Page number ${String(n)} of seven.` });
    const seen: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const cursor: string = after === '' ? '' : `&after=${after}`;
      const page = (await (await app.get(`/v1/documents?collection=paged&limit=3${cursor}`)).json()) as {
        data: { source: string; status: string; version: number }[];
        has_more: boolean;
        last_id: string;
      };
      for (const { source, status, version } of page.data) {
        expect({ status, version }).toEqual({ status: 'ready', version: 1 });
        seen.push(source);
      }
      after = page.has_more ? page.last_id : null;
    }
    expect(seen).toEqual(['p6', 'p5', 'p4', 'p3', 'p2', 'p1', 'p0']);
    expect((await app.get('/v1/documents?collection=paged&after=doc_none')).status).toBe(400);
  });
});
