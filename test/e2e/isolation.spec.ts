import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/test-app.js';

// Words that stand in the first project's documents only: whoever reads one of them elsewhere has found a leak.
const CANARY = 'zanzibarium';
const CONTENT = `The ${CANARY} godwit flies from Alaska to New Zealand without a stop, every year in September.`;
const DOCUMENT_ID = 'field-notes';

/** Bodies of the routes that name a collection. */
const WITH_COLLECTION: Readonly<Record<string, object>> = {
  'POST /v1/documents': {},
  'POST /v1/index': { content: 'Ten letters and more.', source: 'theirs.md' },
  'POST /v1/query': { question: 'Where does the godwit fly?' },
  'POST /v1/search': { query: 'godwit' },
  'POST /v1/stream': { question: 'Where does the godwit fly?' },
};

/** A WebSocket's door lists nothing; what comes through it is asked in chat-socket.spec.ts. */
const isSocket = (route: string): boolean => route === 'GET /v1/chat/ws';

interface Answer {
  status: number;
  text: string;
}

describe('what a project has is nobody else’s', () => {
  let app: TestApp;
  let owner: string;
  let stranger: string;
  let idsOfOwner: string[];
  let routes: string[];

  beforeAll(async () => {
    app = await startTestApp();
    owner = await app.createKey({ project: 'owner' });
    stranger = await app.createKey({ project: 'stranger' });
    idsOfOwner = await fill(owner);
    routes = app.routes();
  });

  afterAll(async () => {
    await app.close();
  });

  /** Gives a project one of everything; the ids of all of it. */
  async function fill(key: string): Promise<string[]> {
    const made = await call('POST', '/v1/collections', key, { name: 'notes', metadata: { kept: CANARY } });
    const queued = await call('POST', '/v1/index', key, {
      ...{ content: CONTENT, source: `${CANARY}.md`, title: `On the ${CANARY}`, collection: 'notes' },
      ...{ document_id: DOCUMENT_ID, metadata: { shelf: CANARY } },
    });
    expect(queued.status).toBe(202);
    const { job_id: job } = JSON.parse(queued.text) as { job_id: string };
    expect(await app.waitForJob(job, { key })).toMatchObject({ status: 'succeeded' });
    const asked = await app.post('/v1/query', { question: 'Where does the godwit fly?', collection: 'notes' }, { key });
    const reply = (await asked.json()) as { answered: boolean; request_id: string; sources: { id: string }[] };
    expect(reply.answered).toBe(true);
    const collection = (JSON.parse(made.text) as { id: string }).id;
    const ids = [collection, 'notes', DOCUMENT_ID, job, reply.request_id, reply.sources[0]?.id ?? 'none'];
    const chatted = await app.post('/v1/chat', { message: `Say ${CANARY}` }, { key });
    const responded = await app.post('/v1/responses', { model: 'local/extractive', input: `Say ${CANARY}` }, { key });
    const { id: response } = (await responded.json()) as { id: string };
    return [...ids, response, ((await chatted.json()) as { conversation_id: string }).conversation_id];
  }

  async function call(method: string, path: string, key: string, body?: object): Promise<Answer> {
    const isForm = method === 'POST' && path === '/v1/documents';
    const response = isForm
      ? await fetch(app.url + path, { method, headers: { authorization: `Bearer ${key}` }, body: toForm(body ?? {}) })
      : await app.request(method, path, { key, text: body && JSON.stringify(body) });
    return { status: response.status, text: await response.text() };
  }

  /** Everything that the owner can see of its own. */
  async function view(): Promise<string[]> {
    const paths = [
      ...['/v1/collections', '/v1/collections/notes', '/v1/documents', `/v1/documents/${DOCUMENT_ID}`],
      ...[`/v1/documents/${DOCUMENT_ID}/text`, `/v1/jobs/${idsOfOwner[3] ?? ''}`, '/v1/conversations'],
      ...[`/v1/conversations/${idsOfOwner.at(-1) ?? ''}/messages`, `/v1/responses/${idsOfOwner.at(-2) ?? ''}`],
    ];
    const seen = await Promise.all(paths.map((path) => call('GET', path, owner)));
    seen.push(await call('POST', '/v1/search', owner, { query: 'godwit', collection: 'notes' }));
    return seen.map(({ status, text }) => `${String(status)} ${text}`);
  }

  it('A11 takes no collection of another project, by id or by name', async () => {
    const before = await view();
    const [id = '', name = ''] = idsOfOwner;
    for (const [route, body] of Object.entries(WITH_COLLECTION).filter(([known]) => routes.includes(known))) {
      for (const collection of [id, name]) {
        const foreign = await call('POST', route.slice(5), stranger, { ...body, collection });
        expect([route, collection, foreign.status]).toEqual([route, collection, 404]);
        expect(foreign.text).toContain('collection_not_found');
        expect(foreign.text).not.toContain(CANARY);
      }
    }
    expect(await view()).toEqual(before);
  });

  it('L02 lists nothing of another project, and takes none of its ids as a cursor', async () => {
    const lists = routes.filter((name) => name.startsWith('GET /v1/') && !name.includes('{id}') && !isSocket(name));
    for (const route of lists) {
      const path = route.slice(4);
      const list = await call('GET', path, stranger);
      expect([route, list.status]).toEqual([route, 200]);
      for (const secret of [CANARY, ...idsOfOwner]) expect(list.text).not.toContain(secret);
      if (!list.text.includes('"has_more"')) continue;
      for (const id of idsOfOwner) {
        expect([route, id, (await call('GET', `${path}?after=${id}`, stranger)).status]).toEqual([route, id, 400]);
      }
    }
  });

  it('keeps apart what has the same names in two projects', async () => {
    const before = await view();
    const own = 'A heron stands in the reeds and waits for frogs until the evening.';
    expect((await call('POST', '/v1/collections', stranger, { name: 'notes' })).status).toBe(201);
    const note = { content: own, source: `${CANARY}.md`, collection: 'notes', document_id: DOCUMENT_ID };
    const queued = await call('POST', '/v1/index', stranger, note);
    await app.waitForJob((JSON.parse(queued.text) as { job_id: string }).job_id, { key: stranger });
    for (const mode of ['hybrid', 'lexical', 'dense']) {
      const body = { query: `${CANARY} godwit Alaska heron`, collection: 'notes', mode, max_results: 100 };
      const found = JSON.parse((await call('POST', '/v1/search', stranger, body)).text) as {
        results: { text: string }[];
      };
      expect(found.results.map(({ text }) => text)).toEqual([own]);
    }
    const asked = { question: `Where does the ${CANARY} godwit fly?`, collection: 'notes' };
    const answer = await call('POST', '/v1/query', stranger, asked);
    expect(answer.text).not.toContain('Alaska');
    expect((await call('GET', `/v1/documents/${DOCUMENT_ID}/text`, stranger)).text).toBe(own);
    expect((await call('DELETE', `/v1/documents/${DOCUMENT_ID}`, stranger)).status).toBe(200);
    expect((await call('DELETE', '/v1/collections/notes', stranger)).status).toBe(200);
    expect(await view()).toEqual(before);
  });
});

function toForm(fields: object): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  form.set('file', new Blob(['A text of some length, to be indexed.'], { type: 'text/plain' }), 'theirs.txt');
  return form;
}
