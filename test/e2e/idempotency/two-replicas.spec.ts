import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runsOnServer } from '../../support/database.js';
import { MoneyBench, type TestKey } from '../money/money-bench.js';
import { freshKey, type KeyedAnswer, postKeyed, untilAnswered } from './keyed-requests.js';

const REQUESTS = 50;
const PIECES = Array.from({ length: 20 }, (_, index) => ` word-${String(index)}`);

if (!runsOnServer)
  process.stderr.write('Two replicas need a PostgreSQL server (TEST_DATABASE_URL): their keys are not tested.\n');

// The embedded database belongs to one process.
(runsOnServer ? describe : describe.skip)('two replicas on one PostgreSQL', () => {
  const bench = new MoneyBench();
  let key: TestKey;

  beforeAll(async () => {
    await bench.start(2);
    key = await bench.createKey({ budgets: [{ window: 'total', amount_usd: 10 }] });
  });

  beforeEach(() => {
    bench.reset();
  });

  afterAll(async () => {
    await bench.stop();
  });

  const ask = (index: number, idempotencyKey: string, stream: boolean): Promise<KeyedAnswer> => {
    const app = bench.apps[index % bench.apps.length] ?? bench.app;
    const body = { model: 'money', stream, messages: [{ role: 'user', content: 'How far does the godwit fly?' }] };
    return postKeyed(app, ['/v1/chat/completions', body], idempotencyKey, key);
  };

  it.each([false, true])(
    `O24 ${String(REQUESTS)} equal requests at once: one is answered, and all get its bytes (stream: %s)`,
    async (stream) => {
      const idempotencyKey = freshKey();
      const before = await requestCount();
      const stalled = bench.openAi.stallAfter(1, { pieces: PIECES });
      const first = ask(0, idempotencyKey, stream);
      await bench.openAi.nextRequest();
      const others = await Promise.all(
        Array.from({ length: REQUESTS - 1 }, (_, index) => ask(index + 1, idempotencyKey, stream)),
      );
      for (const { status, code, headers } of others) {
        expect([status, code, headers.get('retry-after')]).toEqual([409, 'idempotency_in_flight', '1']);
      }
      stalled.release();
      const answers = await Promise.all(
        Array.from({ length: REQUESTS }, (_, index) => untilAnswered(() => ask(index, idempotencyKey, stream))),
      );
      expect(new Set([...answers, await first].map(({ text }) => text)).size).toBe(1);
      expect(new Set(answers.map(({ headers }) => headers.get('idempotent-replayed')))).toEqual(new Set(['true']));
      expect(bench.openAi.requests).toHaveLength(1);
      expect(await untilRequests(before + 1)).toBe(before + 1);
    },
  );

  it('are never both the first', async () => {
    for (let round = 0; round < 20; round += 1) {
      bench.reset();
      const idempotencyKey = freshKey();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => untilAnswered(() => ask(index, idempotencyKey, index % 2 === 0))),
      );
      const own = answers.filter(({ headers }) => headers.get('idempotent-replayed') === null);
      // Half of them ask for a stream, which is another request.
      expect(own.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(own.filter(({ code }) => code === 'idempotency_key_reused')).toHaveLength(4);
      expect(bench.openAi.requests).toHaveLength(1);
    }
  });

  async function requestCount(): Promise<number> {
    const [row] = await bench.query<{ count: number }>(
      `select count(*)::int as count from usage_request where key_id = $1 and status <> 'open'`,
      [key.id],
    );
    return row?.count ?? 0;
  }

  async function untilRequests(count: number): Promise<number> {
    for (;;) {
      const found = await requestCount();
      if (found >= count) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});
