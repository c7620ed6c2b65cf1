import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { rawRequest, sendRaw } from '../../support/raw-http.js';
import { METERED_ROUTES } from '../money/metered-routes.js';
import { MoneyBench, type TestKey } from '../money/money-bench.js';
import { freshKey, type KeyedAnswer, postKeyed, requestOf, untilAnswered } from './keyed-requests.js';

/** POST routes that cost nothing: what to send. */
const FREE_ROUTES: Readonly<Record<string, (index: number) => object>> = {
  'POST /v1/index': (index) => ({
    source: `kept-${String(index)}.md`,
    content: `Godwit number ${String(index)} flies.`,
  }),
  'POST /v1/cost/estimate': (index) => ({ conversations_per_day: index, turns: 2 }),
  'POST /admin/projects': (index) => ({ name: `Project ${String(index)}` }),
};
// Messages of a WebSocket have no keys: docs/websocket.md.
const ROUTES = [
  // Forms are told apart by their bytes, in which no two requests are the same.
  ...Object.entries(METERED_ROUTES).filter(([, { isSocket, file }]) => isSocket !== true && file === undefined),
  ...Object.entries(FREE_ROUTES).map(([name, body]) => [name, { body }] as const),
];
const CHAT = '/v1/chat/completions';

const bench = new MoneyBench();
let key: TestKey;
let count = 0;

const chat = (rest: object = {}): readonly [string, object] => [
  CHAT,
  { model: 'money', messages: [{ role: 'user', content: 'How far does the godwit fly?' }], ...rest },
];

describe('idempotency: replay', () => {
  beforeAll(async () => {
    await bench.start();
    key = await bench.createKey({});
  });

  beforeEach(() => {
    bench.reset();
    count += 1;
  });

  afterAll(async () => {
    await bench.stop();
  });

  // Anthropic's errors have no codes.
  const codeOn = (path: string, code: string): string | null => (path.startsWith('/v1/messages') ? null : code);

  /** Admin routes need the admin's key. */
  const keyFor = (path: string): { key?: string } => (path.startsWith('/admin') ? {} : { key: key.key });

  async function ledgerRows(requestId: string | null): Promise<{ status: string }[]> {
    return bench.query(`select status from usage_request where request_id = $1 and status <> 'open'`, [requestId]);
  }

  async function untilSettled(requestId: string | null): Promise<{ status: string }[]> {
    for (;;) {
      const rows = await ledgerRows(requestId);
      if (rows.length > 0) return rows;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  function expectReplayOf(first: KeyedAnswer, again: KeyedAnswer): void {
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('x-trunkline-original-request-id')).toBe(first.headers.get('x-request-id'));
    for (const name of [
      'content-type',
      'cache-control',
      'x-trunkline-provider',
      'x-trunkline-model',
      'x-frame-options',
    ]) {
      expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)]);
    }
  }

  describe('every POST route', () => {
    it.each([
      ['empty', ''],
      ['of 256 characters', 'k'.repeat(256)],
      ['with a control character', 'a\tb'],
    ])('I05 refuses a key that is %s', async (_name, idempotencyKey) => {
      const routes = bench.app.routes().filter((route) => route.startsWith('POST '));
      expect(routes.length).toBeGreaterThan(12);
      for (const route of routes) {
        const path = route.replace('POST ', '').replaceAll('{id}', 'x');
        const answer = await postKeyed(bench.app, [path, {}], idempotencyKey);
        expect([route, answer.status, answer.code]).toEqual([route, 400, codeOn(path, 'invalid_idempotency_key')]);
      }
    });

    it.each(ROUTES)(
      'I01 I02 I04 %s: runs once for each key, and is the same to the byte again',
      async (name, route) => {
        const request = requestOf(name, route, 1_000 + count);
        const idempotencyKey = freshKey();
        const options = keyFor(request[0]);
        const first = await postKeyed(bench.app, request, idempotencyKey, options);
        expect([first.status < 300, first.headers.get('idempotent-replayed')]).toEqual([true, null]);
        const asked = bench.calls;
        const again = await postKeyed(bench.app, request, idempotencyKey, options);
        expectReplayOf(first, again);
        const [path, body] = request;
        const otherBody = await postKeyed(bench.app, [path, { ...body, metadata: {} }], idempotencyKey, options);
        expect([otherBody.status, otherBody.code]).toEqual([422, codeOn(path, 'idempotency_key_reused')]);
        const otherRoute = path === CHAT ? '/v1/embeddings' : CHAT;
        const elsewhere = await postKeyed(bench.app, [otherRoute, body], idempotencyKey, options);
        expect([elsewhere.status, elsewhere.code]).toEqual([422, 'idempotency_key_reused']);
        expect(bench.calls).toBe(asked);
        expect(await ledgerRows(again.headers.get('x-request-id'))).toEqual([]);
      },
    );
  });

  describe('a key', () => {
    it('I04 belongs to its API key', async () => {
      const idempotencyKey = freshKey();
      const other = await bench.createKey({});
      const first = await postKeyed(bench.app, chat(), idempotencyKey, key);
      const others = await postKeyed(bench.app, chat({ max_tokens: 3 }), idempotencyKey, other);
      expect([others.status, others.headers.get('idempotent-replayed')]).toEqual([200, null]);
      expect(others.text).not.toBe(first.text);
      expect(bench.openAi.requests).toHaveLength(2);
    });

    it('I03 is in flight until the answer is there', async () => {
      const idempotencyKey = freshKey();
      const stalled = bench.openAi.stallAfter(1, { pieces: ['Half', ' and whole'] });
      const first = postKeyed(bench.app, chat({ stream: true }), idempotencyKey, key);
      await bench.openAi.nextRequest();
      const second = await postKeyed(bench.app, chat({ stream: true }), idempotencyKey, key);
      expect([second.status, second.code, second.headers.get('retry-after')]).toEqual([
        409,
        'idempotency_in_flight',
        '1',
      ]);
      expect((await postKeyed(bench.app, chat(), idempotencyKey, key)).code).toBe('idempotency_key_reused');
      stalled.release();
      const answer = await first;
      expect(answer.text).toContain(' and whole');
      expectReplayOf(answer, await postKeyed(bench.app, chat({ stream: true }), idempotencyKey, key));
      expect(bench.openAi.requests).toHaveLength(1);
    });

    it('I06 is not used up by a request that is refused', async () => {
      const idempotencyKey = freshKey();
      const refused = await postKeyed(bench.app, [CHAT, { model: 'money' }], idempotencyKey, key);
      expect(refused.status).toBe(400);
      const answer = await postKeyed(bench.app, chat(), idempotencyKey, key);
      expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([200, null]);
    });

    it('I07 is not used up by a provider that fails, before content or after it; a stream is replayed whole', async () => {
      const idempotencyKey = freshKey();
      bench.openAi.failWith(400);
      expect((await postKeyed(bench.app, chat({ stream: true }), idempotencyKey, key)).status).toBe(400);
      bench.openAi.cutAfter(1);
      const cut = await postKeyed(bench.app, chat({ stream: true }), idempotencyKey, key);
      expect([cut.status, cut.code]).toEqual([200, 'upstream_stream_interrupted']);
      const whole = await postKeyed(bench.app, chat({ stream: true }), idempotencyKey, key);
      expect([whole.headers.get('idempotent-replayed'), whole.text.endsWith('data: [DONE]\n\n')]).toEqual([null, true]);
      expectReplayOf(whole, await postKeyed(bench.app, chat({ stream: true }), idempotencyKey, key));
    });

    it('must be given once', async () => {
      const body = JSON.stringify(chat()[1]);
      const headers = ['Content-Type: application/json', `Content-Length: ${String(body.length)}`, 'Connection: close'];
      const keys = [`Authorization: Bearer ${key.key}`, 'Idempotency-Key: one', 'Idempotency-Key: two'];
      const answer = await sendRaw(bench.app.url, rawRequest(`POST ${CHAT}`, [...headers, ...keys], body));
      expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('invalid_idempotency_key')]);
    });

    it('protects what is stored: the answer is not readable without it', async () => {
      const idempotencyKey = freshKey();
      const body = { name: 'with a secret', project_id: 'proj_default' };
      const made = await postKeyed(bench.app, ['/admin/keys', body], idempotencyKey);
      expectReplayOf(made, await postKeyed(bench.app, ['/admin/keys', body], idempotencyKey));
      const { key: secret } = JSON.parse(made.text) as { key: string };
      const rows = await bench.query<{ row: string; answer: string }>(
        `select record::text as row, encode(answer, 'escape') as answer from idempotency_record record`,
        [],
      );
      expect(rows.length).toBeGreaterThan(0);
      const stored = JSON.stringify(rows);
      expect([stored.includes(secret), stored.includes(idempotencyKey), stored.includes('godwit')]).toEqual([
        false,
        false,
        false,
      ]);
    });
  });

  describe('a form', () => {
    const upload = async (idempotencyKey: string, content: string): Promise<[number, string | null, string]> => {
      const form = new FormData();
      form.append('file', new Blob([content], { type: 'text/plain' }), 'godwits.txt');
      const response = await fetch(`${bench.app.url}/v1/documents`, {
        method: 'POST',
        body: form,
        headers: { authorization: `Bearer ${key.key}`, 'idempotency-key': idempotencyKey },
      });
      return [response.status, response.headers.get('idempotent-replayed'), await response.text()];
    };

    it('I01 I02 is the same under another boundary, and another one with another file', async () => {
      const idempotencyKey = freshKey();
      const [status, isReplay, text] = await upload(idempotencyKey, 'Godwits fly without a stop.');
      expect([status, isReplay, text]).toEqual([202, null, expect.stringContaining('job_')]);
      expect(await upload(idempotencyKey, 'Godwits fly without a stop.')).toEqual([202, 'true', text]);
      const other = await upload(idempotencyKey, 'Godwits fly without a rest.');
      expect(other).toEqual([422, null, expect.stringContaining('idempotency_key_reused')]);
    });

    it('I06 is not used up when it is refused', async () => {
      const idempotencyKey = freshKey();
      expect((await upload(idempotencyKey, ''))[0]).toBe(400);
      expect((await upload(idempotencyKey, 'Godwits rest after their flight.')).slice(0, 2)).toEqual([202, null]);
    });
  });

  describe('a client that leaves', () => {
    it.each([true, false])('gets the whole answer when it asks again (stream: %s)', async (stream) => {
      const idempotencyKey = freshKey();
      const stalled = bench.openAi.stallAfter(1, { pieces: ['One', ' two', ' three'] });
      const leaving = new AbortController();
      const first = postKeyed(bench.app, chat({ stream }), idempotencyKey, { key: key.key, signal: leaving.signal });
      const request = await bench.openAi.nextRequest();
      leaving.abort();
      await expect(first).rejects.toThrow();
      const ask = (): Promise<KeyedAnswer> => postKeyed(bench.app, chat({ stream }), idempotencyKey, key);
      expect((await ask()).code).toBe('idempotency_in_flight');
      stalled.release();
      const answer = await untilAnswered(ask);
      expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
      for (const piece of ['One', ' two', ' three']) expect(answer.text).toContain(piece);
      if (stream) expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true);
      expect([bench.openAi.requests.length, request.isClosedByClient]).toEqual([1, false]);
      const requestId = answer.headers.get('x-trunkline-original-request-id');
      expect(await untilSettled(requestId)).toEqual([{ status: 'succeeded' }]);
    });
  });
});
