import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { issueKey } from '../../src/auth/key-format.js';
import { HostResolver } from '../../src/egress/host-resolver.js';
import { ApiDocument, type Operation, type RawDocument } from '../support/openapi/api-document.js';
import { documentProblems } from '../support/openapi/document-problems.js';
import { type Ids, makeOneOfEach } from '../support/openapi/one-of-each.js';
import { smallestBody } from '../support/openapi/smallest-body.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

// A word that stands in the first project's things only: whoever reads it elsewhere has found a leak.
const CANARY = 'zanzibarium';
const NOBODY = 'zzz';

/** Fields that name something by its id, with the word that stands before such an id in paths. */
const REFERENCES: Readonly<Record<string, string>> = {
  batch_id: 'batches',
  collection: 'collections',
  conversation: 'conversations',
  conversation_id: 'conversations',
  file_id: 'files',
  input_file_id: 'files',
  key_id: 'keys',
  previous_response_id: 'responses',
  project_id: 'projects',
  request_id: 'requests',
  webhook_id: 'webhooks',
};
/** Names that end like those, of what belongs to the request itself. */
const NO_REFERENCES = new Set([
  ...[
    'call_id',
    'tool_call_id',
    'custom_id',
    'user_id',
    'session_id',
    'document_id',
    'corpus-id',
    'query-id',
    '_id',
    'id',
  ],
  ...['before_id', 'after_id'],
]);
const MODEL_NAMES = new Set(['models', 'providers']);

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** Who asks; what they send. */
interface Asker {
  key: string | null;
  ids: Ids;
}

describe('who may do what, on every route', () => {
  let app: TestApp;
  let operations: readonly Operation[];
  let document: ApiDocument;
  let ids: Ids;
  let owner: string;
  let stranger: string;
  let nobodys: Ids;

  beforeAll(async () => {
    app = await startTestApp({
      env: { TRUNKLINE_SECRET: 'a secret of the tests, long enough for it', TRUST_PROXY: '1' },
    });
    app.nest.get(HostResolver, { strict: false }).resolve = () => Promise.reject(new Error('No names here.'));
    owner = await app.createKey({ project: 'owner' });
    stranger = await app.createKey({ project: 'stranger' });
    ids = await makeOneOfEach(app, owner, CANARY, 'field-notes');
    nobodys = Object.fromEntries(Object.entries(ids).map(([kind, id]) => [kind, id.slice(0, -3) + NOBODY]));
    document = new ApiDocument((await (await app.get('/openapi.json')).json()) as RawDocument);
    operations = document.operations;
  });

  afterAll(async () => {
    await app.close();
  });

  let asked = 0;
  async function ask(operation: Operation, asker: Asker, body: object | null = null, query = ''): Promise<Answer> {
    asked += 1;
    // Each from an address of its own: who tries many keys is soon told so.
    const headers: Record<string, string> = { 'x-forwarded-for': `203.0.113.${String(asked % 250)}` };
    const path = pathOf(operation, asker.ids) + query;
    const options = { key: asker.key, headers };
    const given = body ?? (operation.body ? smallestBody(document, operation, asker.ids) : null);
    const response =
      operation.body?.type === 'multipart/form-data'
        ? await sendForm(app.url + path, asker.key, headers, given ?? {})
        : await app.request(operation.method, path, { ...options, text: given ? JSON.stringify(given) : undefined });
    return { status: response.status, headers: response.headers, text: withoutIds(await response.text(), asker.ids) };
  }

  it('has a document that names all of them, that clients can be made of, and ids of every kind', () => {
    expect(documentProblems(document.raw)).toEqual([]);
    const documented = operations.map(({ name }) => name.replaceAll(/\{\w+\}/g, '{id}')).sort();
    expect(documented).toEqual(app.routes());
    const kinds = new Set(operations.flatMap(kindsOf));
    expect([...kinds].filter((kind) => (ids[kind] ?? '') === '')).toEqual([]);
    const fields = operations.flatMap((operation) => referencesOf(operation).map(({ name }) => name));
    expect([...new Set(fields)].filter((name) => !(name in REFERENCES) && !NO_REFERENCES.has(name))).toEqual([]);
  });

  it('A01 A03 A14 asks for a key, and says the same of all that are none', async () => {
    const gone = await revokedKey();
    for (const operation of operations) {
      const none = await ask(operation, { key: null, ids });
      const [junk, revoked] = [
        await ask(operation, { key: issueKey().key, ids }),
        await ask(operation, { key: gone, ids }),
      ];
      if (!operation.needsKey) {
        expect([operation.name, none.status, junk.status]).toEqual([operation.name, none.status, none.status]);
        expect([operation.name, none.status]).not.toContain(401);
        continue;
      }
      expect([operation.name, none.status, junk.status, revoked.status]).toEqual([operation.name, 401, 401, 401]);
      expect([operation.name, none.text]).toEqual([operation.name, expect.stringContaining('key')]);
      expect([operation.name, revoked.text]).toEqual([operation.name, junk.text]);
    }
  });

  it('A08 keeps a key out that lacks the scope', async () => {
    const scopes = ['chat', 'embeddings', 'rag', 'batches', 'usage'];
    for (const operation of operations.filter(({ scope }) => scope !== null)) {
      const others = await keyFor(scopes.filter((scope) => scope !== operation.scope));
      const { status, text } = await ask(operation, { key: others, ids });
      expect([operation.name, status, text]).toEqual([
        operation.name,
        403,
        expect.stringContaining(operation.scope ?? ''),
      ]);
    }
  });

  /** What the owner sees of its own, by the routes that only look. */
  async function view(): Promise<string[]> {
    const looking = operations.filter(
      (each) => each.method === 'GET' && each.scope !== 'admin' && kindsOf(each).length > 0,
    );
    const seen = await Promise.all(looking.map((operation) => ask(operation, { key: owner, ids })));
    return seen.map(({ status, text }, index) => `${looking[index]?.name ?? ''}: ${String(status)} ${text}`);
  }

  it('A11 A15 L03 answers to ids of another project as to those that nobody has', async () => {
    const before = await view();
    expect(before.join()).toContain(CANARY);
    for (const operation of operations.filter((each) => kindsOf(each).some((kind) => !MODEL_NAMES.has(kind)))) {
      const foreign = await ask(operation, { key: stranger, ids });
      const random = await ask(operation, { key: stranger, ids: nobodys });
      const status = operation.scope === 'admin' ? 403 : 404;
      expect([operation.name, foreign.status, foreign.text]).toEqual([operation.name, status, random.text]);
      expect([operation.name, random.status]).toEqual([operation.name, status]);
      expect(foreign.text).not.toContain(CANARY);
    }
    expect(await view()).toEqual(before);
  });

  it('A11 C21 takes no id of another project in a body or a query', async () => {
    const walked = new Set<string>();
    for (const operation of operations.filter(({ scope }) => scope !== 'admin')) {
      for (const { path, name, where } of referencesOf(operation)) {
        const kind = REFERENCES[name];
        if (kind === undefined) continue;
        const [foreign, random] = await Promise.all(
          [ids, nobodys].map((own) => {
            const id = own[kind] ?? '';
            const asker = { key: stranger, ids: own };
            if (where === 'query') return ask(operation, asker, null, `?${name}=${id}`);
            return ask(operation, asker, smallestBody(document, operation, own, { path, value: id }));
          }),
        );
        const place = `${operation.name} ${path}`;
        walked.add(place);
        expect([place, foreign?.status, foreign?.text]).toEqual([place, random?.status, random?.text]);
        expect([place, (foreign?.status ?? 0) >= 400]).toEqual([place, true]);
      }
    }
    expect(walked.size).toBeGreaterThan(8);
  });

  it('X05 marks every answer, and shows nothing as a page', async () => {
    for (const operation of operations) {
      const { status, headers } = await ask(operation, { key: owner, ids });
      const seen = [operation.name, status];
      expect([...seen, headers.get('x-powered-by'), headers.get('x-content-type-options')]).toEqual([
        ...seen,
        null,
        'nosniff',
      ]);
      expect([...seen, headers.get('x-request-id')]).toEqual([...seen, expect.stringMatching(/^[\w-]{1,128}$/)]);
      expect([...seen, headers.get('content-type')]).toEqual([...seen, expect.not.stringContaining('html')]);
      if (!operation.needsKey) continue;
      expect([...seen, headers.get('cache-control')]).toEqual([...seen, expect.stringContaining('no-store')]);
      expect([...seen, headers.get('vary')]).toEqual([...seen, expect.stringContaining('Authorization')]);
    }
  });

  async function revokedKey(): Promise<string> {
    const made = (await (await app.post('/admin/keys', { name: 'gone' })).json()) as { id: string; key: string };
    await app.delete(`/admin/keys/${made.id}`);
    return made.key;
  }

  const keys = new Map<string, string>();
  async function keyFor(scopes: string[]): Promise<string> {
    const key = keys.get(scopes.join()) ?? (await app.createKey({ scopes }));
    keys.set(scopes.join(), key);
    return key;
  }

  function referencesOf(operation: Operation): { path: string; name: string; where: 'body' | 'query' }[] {
    const inBody = operation.body ? document.fields(operation.body.schema) : [];
    const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query');
    const all = [
      ...inBody.map(({ path, name }) => ({ path, name, where: 'body' as const })),
      ...inQuery.map(({ name }) => ({ path: name, name, where: 'query' as const })),
    ];
    return all.filter(({ name }) => name in REFERENCES || /(?:^|[_-])ids?$/.test(name));
  }
});

/** The words before the ids of a path; one that nobody knows fails the test. */
function kindsOf({ path }: Operation): string[] {
  return [...path.matchAll(/\/([^/]+)\/\{\w+\}/g)].map((match) => match[1] ?? '');
}

function pathOf({ path }: Operation, ids: Ids): string {
  return path.replaceAll(/\/([^/]+)\/\{\w+\}/g, (_match, kind: string) => {
    return `/${kind}/${encodeURIComponent(ids[kind] ?? '')}`;
  });
}

function sendForm(url: string, key: string | null, headers: Record<string, string>, fields: object): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  form.set('file', new Blob(['A text of some length, to be read.'], { type: 'text/plain' }), 'theirs.txt');
  const credential: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  return fetch(url, { method: 'POST', headers: { ...headers, ...credential }, body: form });
}

// Error messages may repeat what was asked for, and carry the request's id.
function withoutIds(text: string, ids: Ids): string {
  const known = Object.values(ids).reduce((swapped, id) => swapped.replaceAll(id, 'ID'), text);
  return known.replaceAll(/req_[0-9A-Z]+/g, 'REQUEST');
}
