import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, type TestDatabase, withClient } from '../../support/database.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { freshKey, type KeyedAnswer, postKeyed } from './keyed-requests.js';

const LONG_TEXT = { pieces: Array.from({ length: 30 }, (_, index) => ` word-${String(index)}`) };

describe('answers that are too large, and the end of the process', () => {
  const provider = new FakeOpenAi();
  let database: TestDatabase;
  let app: TestApp;

  beforeAll(async () => {
    await provider.start();
    database = await createTestSchema();
    app = await startTestApp({
      database,
      gateway: { providers: { lab: { type: 'openai-compatible', base_url: provider.url, api_keys: ['sk'] } } },
      env: { IDEMPOTENCY_ANSWER_LIMIT: '1kb', DRAIN_SECONDS: '2' },
    });
  });

  afterAll(async () => {
    await dropTestSchema(database);
    await provider.stop();
  });

  const ask = (stream: boolean, idempotencyKey: string, signal?: AbortSignal): Promise<KeyedAnswer> => {
    const body = { model: 'lab/m', stream, messages: [{ role: 'user', content: 'Go on.' }] };
    return postKeyed(app, ['/v1/chat/completions', body], idempotencyKey, { signal });
  };

  const query = <T>(sql: string): Promise<T[]> =>
    withClient(database, async (client) => (await client.query(sql)).rows as T[]);

  it('delivers an answer that is too large to be kept, and runs the request again', async () => {
    const idempotencyKey = freshKey();
    provider.reply(LONG_TEXT).times(2);
    for (const requests of [1, 2]) {
      const answer = await ask(true, idempotencyKey);
      expect(answer.text).toContain(' word-29');
      expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true);
      expect([answer.headers.get('idempotent-replayed'), provider.requests.length]).toEqual([null, requests]);
    }
  });

  it('ends the request of a client that left before the answer became too large', async () => {
    provider.reset();
    const leaving = new AbortController();
    provider.reply({ ...LONG_TEXT, firstContentDelayMs: 100, eventDelayMs: 20 });
    const answer = ask(true, freshKey(), leaving.signal);
    const request = await provider.nextRequest();
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await provider.waitForClose(request);
    for (;;) {
      const rows = await query(`select from usage_request where status = 'aborted'`);
      if (rows.length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await query('select from idempotency_record')).toEqual([]);
  });

  it('lets answers without a client finish when the process ends, and frees the keys of those that do not', async () => {
    provider.reset();
    const stalled = [provider.stallAfter(1), provider.stallAfter(1)];
    const leaving = new AbortController();
    const answers: Promise<unknown>[] = [];
    for (const count of [1, 2]) {
      answers.push(ask(false, freshKey(), leaving.signal).catch(() => null));
      await provider.waitForRequests(count);
    }
    leaving.abort();
    await Promise.all(answers);
    const closed = app.close();
    stalled[0]?.release();
    await closed;
    expect(await query('select answer is null as is_open from idempotency_record')).toEqual([{ is_open: false }]);
    const rows = await query<{ status: string; error_code: string | null }>(
      'select status, error_code from usage_request order by started_at desc limit 2',
    );
    expect(rows).toEqual([
      { status: 'failed', error_code: 'server_shutting_down' },
      { status: 'succeeded', error_code: null },
    ]);
  });
});
