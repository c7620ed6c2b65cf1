import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from '@redis/client';
import { ApiDocument, type Operation, type RawDocument } from '../../support/openapi/api-document.js';
import { makeOneOfEach } from '../../support/openapi/one-of-each.js';
import { smallestBody } from '../../support/openapi/smallest-body.js';
import { redisUrl } from '../../support/redis.js';
import { SecretWorld, SECRETS } from './secret-world.js';

/** Words in what clients send, and the tables that the page on security says keep it. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  canaryofaconversation: ['conversation', 'conversation_message'],
  canaryofaresponse: ['response_item'],
  canaryofadocument: ['chunk', 'document_version'],
  canaryofafile: ['file_part'],
  canarythatisnotkept: [],
  canaryofareplay: [],
};
const LONG_MS = 180_000;

describe('secrets and what clients said (X01, X04)', () => {
  const world = new SecretWorld();
  let key = '';
  let database: Map<string, string>;

  beforeAll(async () => {
    await world.start();
    key = await world.app.createKey({ scopes: ['chat', 'embeddings', 'rag', 'batches', 'usage'] });
    await walk();
    database = await world.dump();
  }, LONG_MS);

  afterAll(() => world.stop(), LONG_MS);

  /** Asks every operation, and everything that takes a secret or keeps a text. */
  async function walk(): Promise<void> {
    const { app } = world;
    const ids = await makeOneOfEach(app, key, 'unmarked', 'canary-notes');
    const asked = { key };
    await app.post('/v1/chat', { message: 'Say canaryofaconversation' }, asked);
    await app.post('/v1/responses', { model: 'local/extractive', input: 'Say canaryofaresponse' }, asked);
    const indexed = await app.post('/v1/index', { content: 'Notes on the canaryofadocument.', source: 'a.md' }, asked);
    await app.waitForJob(((await indexed.json()) as { job_id: string }).job_id, asked);
    const form = new FormData();
    form.set('purpose', 'user_data');
    form.set('file', new Blob(['Notes on the canaryofafile.']), 'notes.txt');
    await fetch(`${app.url}/v1/files`, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: form });
    const dropped = { messages: [{ role: 'user', content: 'Say canarythatisnotkept' }] };
    for (const model of ['openai/gpt-4o', 'local/extractive', 'echo/model', 'openai/none', 'nobody/none']) {
      await app.post('/v1/chat/completions', { ...dropped, model }, asked);
      await app.post('/v1/chat/completions', { ...dropped, model, stream: true }, asked);
      await app.post('/v1/messages', { ...dropped, model, max_tokens: 5 }, asked);
      await app.post('/v1/chat', { message: 'Say canarythatisnotkept', model, store: false }, asked);
    }
    const headers = { 'idempotency-key': 'once' };
    await app.post(
      '/v1/chat/completions',
      { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Say canaryofareplay' }] },
      { key, headers },
    );
    await app.post('/v1/search', { query: 'canarythatisnotkept', collection: 'notes' }, asked);
    await app.post(
      '/v1/webhooks',
      { url: 'https://example.com/', events: ['index.failed'], secret: SECRETS.webhookSecret },
      asked,
    );
    await app.post('/admin/tools', {
      name: 'guarded',
      description: 'x',
      url: 'https://example.com/',
      headers: { authorization: SECRETS.toolSecret },
    });
    await app.get('/v1/models', { key: null, headers: { 'x-api-key': SECRETS.providerKey } });
    const document = new ApiDocument((await (await app.get('/openapi.json')).json()) as RawDocument);
    for (const operation of document.operations.filter(isHarmless)) {
      const path = operation.path.replaceAll(
        /\/([^/]+)\/\{\w+\}/g,
        (_all, kind: string) => `/${kind}/${ids[kind] ?? 'x'}`,
      );
      const body = operation.body ? smallestBody(document, operation, ids) : null;
      const text = body ? JSON.stringify(body) : undefined;
      const by = operation.scope === 'admin' ? SECRETS.adminKey : key;
      await app.request(operation.method, path, { key: by, text });
    }
    await app.get('/metrics');
  }

  const spellings = (secret: string): string[] => [
    ...[
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64').slice(0, -4),
    ],
  ];

  it('X01 says no secret in logs, beside them, or in an answer', () => {
    expect(world.isAlive).toBe(true);
    const { log, printed } = world.output;
    expect(log.split('\n').length).toBeGreaterThan(100);
    const told = world.answers.filter(
      (answer) => !answer.startsWith('/v1/webhooks\n') && !answer.startsWith('/admin/keys\n'),
    );
    for (const [name, secret] of Object.entries({ ...SECRETS, key })) {
      for (const spelling of spellings(secret)) {
        const places = Object.entries({ log, printed, answers: told.join('\n') }).filter(([, text]) =>
          text.includes(spelling),
        );
        expect([name, places.map(([place]) => place)]).toEqual([name, []]);
      }
    }
    // A secret is shown once: to who makes it.
    expect(world.answers.filter((answer) => answer.includes(key))).toHaveLength(1);
    expect(world.answers.filter((answer) => answer.includes(SECRETS.webhookSecret))).toHaveLength(1);
  });

  it('X01 logs nothing of what clients said, and one object a line', () => {
    const { log } = world.output;
    for (const marker of Object.keys(KEPT)) expect([marker, log.includes(marker)]).toEqual([marker, false]);
    for (const line of log.trimEnd().split('\n')) expect(typeof JSON.parse(line)).toBe('object');
  });

  it('X01 keeps secrets nowhere in the database, and texts only where it promises to', () => {
    for (const [name, secret] of Object.entries({ ...SECRETS, key })) {
      const tables = [...database].filter(([, text]) => spellings(secret).some((spelling) => text.includes(spelling)));
      expect([name, tables.map(([table]) => table)]).toEqual([name, []]);
    }
    const found = Object.keys(KEPT).map((marker) => {
      const hex = Buffer.from(marker).toString('hex');
      const tables = [...database].filter(([, text]) => text.includes(marker) || text.includes(hex));
      return [marker, tables.map(([table]) => table).sort()];
    });
    expect(Object.fromEntries(found)).toEqual(KEPT);
  });

  it('X01 keeps nothing of it in Redis', async () => {
    if (redisUrl === null) {
      process.stderr.write('Left out: TEST_REDIS_URL is not set, so there is no Redis to look into.\n');
      return;
    }
    const client = createClient({ url: redisUrl });
    await client.connect();
    const words = [...Object.values({ ...SECRETS, key }), ...Object.keys(KEPT)];
    for await (const names of client.scanIterator({ COUNT: 1_000 })) {
      for (const name of names) {
        const value = JSON.stringify(await client.sendCommand(['DUMP', name]));
        for (const word of words) expect([name.includes(word), value.includes(word)]).toEqual([false, false]);
      }
    }
    client.destroy();
  });

  it('X04 tells of a failure of ours no more than its number, and the log the rest', async () => {
    await world.query((ask) => ask('drop table conversation cascade', []));
    const response = await world.app.get('/v1/conversations', { key });
    const { error } = (await response.json()) as { error: { message: string; code: string } };
    const id = response.headers.get('x-request-id') ?? 'none';
    expect([response.status, error.code, error.message]).toEqual([500, 'internal_error', expect.stringContaining(id)]);
    expect(JSON.stringify(error)).not.toMatch(/relation|conversation|select|at /i);
    expect(await world.logged(id)).toMatch(/relation .+ does not exist/);
    expect((await world.app.post('/v1/chat', { message: 'Hi', store: false }, { key })).status).toBe(200);
  });
});

// What takes a file has a test of its own; what deletes would leave little to look into.
function isHarmless({ method, path, body }: Operation): boolean {
  return (
    method !== 'DELETE' && body?.type !== 'multipart/form-data' && path !== '/v1/chat/ws' && path !== '/admin/catalog'
  );
}
