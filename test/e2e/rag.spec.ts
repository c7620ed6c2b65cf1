import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { readSse } from '../support/read-sse.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface Citation {
  n: number;
  answer_start: number;
  answer_end: number;
  source_id: string;
  document_id: string;
  quote: string;
  start: number;
  end: number;
  supported: boolean;
}

interface Source {
  n: number;
  id: string;
  document_id: string;
  text: string;
  start: number;
  end: number;
  score: number;
}

interface QueryReply {
  answer: string;
  answered: boolean;
  reason?: string;
  citations: Citation[];
  sources: Source[];
  model: string;
  provider: string;
  cost_usd: number | null;
  usage: { total_tokens: number };
  request_id: string;
}

const HANDBOOK = `# Holidays

Everyone has 28 days of paid holiday a year. Unused days expire at the end of March.

# Travel

Trains are first class when the journey is longer than three hours. Café receipts are kept for 🧾 seven years.

## Hotels

A hotel may cost 140 euros a night in capital cities and 110 euros elsewhere.
`;

const BIRDS = `# Birds of the estuary

The bar-tailed godwit flies from Alaska to New Zealand without a stop, about 11,000 kilometres in eight days.

Oystercatchers open mussels with a blow of the beak; the young learn it from their parents over two years.
`;

describe('documents in, checked answers out', () => {
  const openAi = new FakeOpenAi();
  let app: TestApp;

  beforeAll(async () => {
    await openAi.start();
    app = await startTestApp({
      gateway: {
        providers: { openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake'] } },
        models: { reader: { targets: ['openai/gpt-5.4-mini'], timeouts: { idle_ms: 500 } } },
        defaults: { chat: 'local/extractive', embeddings: 'local/lexical-384' },
      },
    });
    await index(app, { source: 'handbook.md', title: 'Handbook', content: HANDBOOK });
    await index(app, { source: 'birds.md', title: 'Birds', content: BIRDS });
  });

  beforeEach(() => {
    openAi.reset();
  });

  afterAll(async () => {
    await app.close();
    await openAi.stop();
  });

  it('answers offline, with citations that cut exactly their quotes out of the stored text', async () => {
    const reply = await query(app, { question: 'How many days of paid holiday are there?' });
    expect(reply).toMatchObject({ answered: true, provider: 'local', cost_usd: 0 });
    expect(reply.answer).toContain('28 days');
    expect(reply.citations.length).toBeGreaterThan(0);
    for (const citation of reply.citations) await expectExact(app, reply, citation);
    expect(openAi.requests).toHaveLength(0);
  });

  it('counts offsets in UTF-16 code units, past accents and emoji', async () => {
    const reply = await query(app, { question: 'What may a hotel cost a night in capital cities?' });
    expect(reply.answer).toContain('140 euros');
    for (const citation of reply.citations) await expectExact(app, reply, citation);
  });

  it('says so when the documents do not answer, without calling a model', async () => {
    const reply = await query(app, { question: 'Who won the football world cup in 1998?', model: 'reader' });
    expect(reply).toMatchObject({ answered: false, reason: 'no_relevant_context', citations: [], cost_usd: 0 });
    expect(openAi.requests).toHaveLength(0);
  });

  it('gives a language model numbered sources, repairs its markers and drops what it made up', async () => {
    openAi.reply({
      text: 'Godwits fly 11,000 kilometres without a stop【1】. They also sing [7].',
      usage: { input: 200, output: 20 },
    });
    const reply = await query(app, { question: 'How far does the godwit fly without a stop?', model: 'reader' });
    expect(reply.answered).toBe(true);
    expect(reply.answer).toContain('[1]');
    expect(reply.answer).not.toContain('[7]');
    expect(reply.citations).toHaveLength(1);
    expect(reply.citations[0]).toMatchObject({ n: 1, supported: true });
    expect(reply.cost_usd).toBeGreaterThan(0);
    for (const citation of reply.citations) await expectExact(app, reply, citation);
    const prompt = JSON.stringify(openAi.requests[0]?.body);
    expect(prompt).toContain('bar-tailed godwit');
  });

  it('streams in the promised order', async () => {
    const frames = await streamFrames(app, { question: 'How do oystercatchers open mussels?' });
    const types = frames.map((frame) => frame.type);
    expect(types[0]).toBe('retrieval');
    expect(types[1]).toBe('sources');
    expect(types.at(-1)).toBe('done');
    expect(types.indexOf('delta')).toBe(2);
    expect(types.lastIndexOf('delta')).toBeLessThan(types.indexOf('citation'));
    const done = frames.at(-1) as unknown as QueryReply;
    const text = frames.filter((frame) => frame.type === 'delta').map((frame) => String(frame.text));
    expect(text.join('')).toBe(done.answer);
    expect(done.answered).toBe(true);
  });

  it('ends a stream that breaks with an error frame and no [DONE]', async () => {
    openAi.cutAfter(2, { pieces: ['Godwits', ' fly', ' far'] });
    const response = await app.post('/v1/stream', { question: 'How far does the godwit fly?', model: 'reader' });
    const frames = await readSse(response);
    expect(JSON.parse(frames.at(-1)?.data ?? '{}')).toMatchObject({
      type: 'error',
      error: { code: 'upstream_stream_interrupted' },
    });
    expect(frames.some((frame) => frame.data === '[DONE]')).toBe(false);
  });

  it('the same content again is unchanged; new content replaces the old', async () => {
    const note = {
      source: 'note.md',
      document_id: 'note-1',
      content: 'The red door opens with the brass key number seven.',
    };
    await index(app, note);
    const again = await app.post('/v1/index', note);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual({ status: 'unchanged', document_id: 'note-1', job_id: null });
    await index(app, { ...note, content: 'The red door opens with the copper card number nine.' });
    const found = (await (await app.post('/v1/search', { query: 'red door opens' })).json()) as { results: Source[] };
    const texts = found.results.filter((result) => result.document_id === 'note-1').map((result) => result.text);
    expect(texts.join()).toContain('copper card');
    expect(texts.join()).not.toContain('brass key');

    expect((await app.delete('/v1/documents/note-1')).status).toBeLessThan(300);
    const gone = (await (await app.post('/v1/search', { query: 'red door copper card' })).json()) as {
      results: Source[];
    };
    expect(gone.results.some((result) => result.document_id === 'note-1')).toBe(false);
    expect((await app.get('/v1/documents/note-1')).status).toBe(404);
  });

  it('searches in every mode', async () => {
    for (const mode of ['hybrid', 'lexical', 'dense']) {
      const reply = await app.post('/v1/search', { query: 'godwit Alaska New Zealand', mode, max_results: 3 });
      const { results } = (await reply.json()) as { results: Source[] };
      expect(results[0]?.text).toContain('godwit');
    }
  });

  it('keeps projects apart', async () => {
    const other = await app.createKey({ project: 'elsewhere' });
    const search = await app.post('/v1/search', { query: 'godwit' }, { key: other });
    expect(((await search.json()) as { results?: Source[] }).results ?? []).toEqual([]);
    const { results } = (await (await app.post('/v1/search', { query: 'godwit' })).json()) as { results: Source[] };
    const documentId = results[0]?.document_id ?? '';
    for (const path of [`/v1/documents/${documentId}`, `/v1/documents/${documentId}/text`]) {
      expect((await app.get(path)).status).toBe(200);
      expect((await app.get(path, { key: other })).status).toBe(404);
    }
    expect((await app.delete(`/v1/documents/${documentId}`, { key: other })).status).toBe(404);
  });

  it('records what an answer cost, every upstream call included', async () => {
    openAi.reply({ text: 'It opens mussels [1].', usage: { input: 100, output: 10 } });
    const reply = await query(app, { question: 'How do oystercatchers open mussels?', model: 'reader' });
    const row = (await (await app.get(`/v1/usage/requests/${reply.request_id}`)).json()) as {
      cost_usd: number;
      attempts: { provider: string }[];
    };
    expect(row.cost_usd).toBe(reply.cost_usd);
    expect(row.attempts.map((attempt) => attempt.provider).sort()).toEqual(['local', 'openai']);
  });

  it.each([
    [{}, 'question'],
    [{ question: 'ab' }, 'question'],
    [{ question: 'A proper question?', max_results: 0 }, 'max_results'],
    [{ question: 'A proper question?', surprise: 1 }, 'surprise'],
  ])('refuses %j', async (body, param) => {
    const response = await app.post('/v1/query', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
  });

  it('404 for a collection that does not exist', async () => {
    const response = await app.post('/v1/query', { question: 'A proper question?', collection: 'nowhere' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'collection_not_found' } });
  });
});

async function index(app: TestApp, document: object): Promise<void> {
  const response = await app.post('/v1/index', document);
  expect(response.status).toBe(202);
  const { job_id: jobId, status } = (await response.json()) as { job_id: string; status: string };
  expect(status).toBe('queued');
  const job = await app.waitForJob(jobId);
  expect(job).toMatchObject({ status: 'succeeded' });
  expect(job.progress.done).toBe(job.progress.total);
}

async function query(app: TestApp, body: object): Promise<QueryReply> {
  const response = await app.post('/v1/query', body);
  if (response.status !== 200) throw new Error(`${String(response.status)}: ${await response.text()}`);
  return (await response.json()) as QueryReply;
}

async function expectExact(app: TestApp, reply: QueryReply, citation: Citation): Promise<void> {
  const text = await (await app.get(`/v1/documents/${citation.document_id}/text`)).text();
  expect(text.slice(citation.start, citation.end)).toBe(citation.quote);
  const source = reply.sources.find((candidate) => candidate.n === citation.n);
  expect(source?.id).toBe(citation.source_id);
  expect(text.slice(source?.start, source?.end)).toBe(source?.text);
  expect(citation.answer_start).toBeLessThan(citation.answer_end);
  expect(reply.answer.length).toBeGreaterThanOrEqual(citation.answer_end);
}

async function streamFrames(app: TestApp, body: object): Promise<({ type: string } & Record<string, unknown>)[]> {
  const frames = await readSse(await app.post('/v1/stream', body));
  expect(frames.at(-1)?.data).toBe('[DONE]');
  return frames.slice(0, -1).map((frame) => JSON.parse(frame.data) as { type: string } & Record<string, unknown>);
}
