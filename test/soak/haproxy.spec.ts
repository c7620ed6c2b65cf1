import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../e2e/scale-out/replica-bench.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/free-port.js';
import { hasHaProxy, HaProxy } from '../support/haproxy.js';
import { ServerProcess } from '../support/server-process.js';

const ADMIN_KEY = 'one-key-for-every-replica-of-the-bench';
const START_MS = 120_000;

const isThere = hasHaProxy();
if (!isThere) process.stderr.write('haproxy is not installed: replicas are not tested behind it.\n');
else if (!runsOnServer)
  process.stderr.write('Replicas need a PostgreSQL server (TEST_DATABASE_URL): not behind haproxy.\n');

(isThere && runsOnServer ? describe : describe.skip)('two processes behind haproxy', () => {
  const lab = new FakeOpenAi();
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-haproxy-'));
  let database: TestDatabase;
  let variables: Record<string, string>;
  let ports: [number, number];
  let servers: [ServerProcess, ServerProcess];
  let proxy: HaProxy;

  beforeAll(async () => {
    await lab.start();
    database = await createTestSchema();
    const file = join(directory, 'trunkline.yaml');
    writeFileSync(
      file,
      JSON.stringify({
        providers: { lab: { type: 'openai-compatible', base_url: lab.url, api_keys: ['sk-lab'] } },
        models: { chat: { targets: ['lab/any'] } },
        defaults: { chat: 'chat', embeddings: 'local/lexical-384' },
      }),
    );
    variables = {
      ...{ DATABASE_URL: database.url, DATABASE_SCHEMA: database.schema, DATABASE_POOL_SIZE: '3' },
      ...{ TRUNKLINE_ADMIN_KEY: ADMIN_KEY, TRUNKLINE_CONFIG: file, TRUST_PROXY: '1' },
      ...{ DRAIN_GRACE_SECONDS: '5', DRAIN_SECONDS: '20' },
    };
    ports = [await freePort(), await freePort()];
    servers = [await start(0, 'both'), await start(1, 'api')];
    proxy = await HaProxy.start([`127.0.0.1:${String(ports[0])}`, `127.0.0.1:${String(ports[1])}`]);
    await untilStates('UP', 'UP');
  }, START_MS);
  beforeEach(() => {
    lab.reset();
  });
  afterAll(async () => {
    await proxy.stop();
    for (const server of servers) await server.end();
    await dropTestSchema(database);
    rmSync(directory, { recursive: true, force: true });
    await lab.stop();
  });

  function start(index: 0 | 1, role: 'both' | 'api'): Promise<ServerProcess> {
    const own = { PORT: String(ports[index]), ROLE: role, TRUNKLINE_DATA_DIR: join(directory, String(index)) };
    return ServerProcess.start({ ...variables, ...own });
  }

  async function untilStates(...wanted: [string, string]): Promise<void> {
    await until(
      () => proxy.states().catch(() => ({})),
      (states: Record<string, string>) => states['api-1'] === wanted[0] && states['api-2'] === wanted[1],
    );
  }

  function ask(body: object, path = '/v1/chat'): Promise<Response> {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' };
    return fetch(`${proxy.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  const stream = (): Promise<Response> => ask({ message: 'Count', model: 'chat' }, '/v1/chat/stream');

  it(
    'takes a process that drains out before it closes, without a failed request',
    async () => {
      lab.reply({ text: 'Hi.' }).forever();
      const statuses: number[] = [];
      let isOver = false;
      const clients = Array.from({ length: 4 }, async () => {
        while (!isOver) {
          const answer = await ask({ message: 'Hello', model: 'chat' });
          await answer.text();
          statuses.push(answer.status);
        }
      });
      await until(
        () => Promise.resolve(statuses.length),
        (count) => count > 20,
      );
      const ended = servers[1].end('SIGTERM');
      await untilStates('UP', 'DOWN');
      expect(await ended).toBe(0);
      isOver = true;
      await Promise.all(clients);
      expect(new Set(statuses)).toEqual(new Set([200]));
      servers[1] = await start(1, 'api');
      await untilStates('UP', 'UP');
    },
    START_MS,
  );

  it(
    'a process that is killed costs the requests on it at most',
    async () => {
      const hanging = Array.from({ length: 6 }, () => lab.stallAfter(1, { pieces: ['One ', 'two'] }));
      const streams = await Promise.all(hanging.map(() => stream()));
      await lab.waitForRequests(6);
      const loads = await proxy.loads();
      lab.reply({ text: 'Hi.' }).forever();
      await servers[1].end('SIGKILL');
      // Before the proxy has noticed by itself: what cannot connect there goes to the other one.
      const after = await Promise.all(Array.from({ length: 20 }, () => ask({ message: 'Hello', model: 'chat' })));
      expect(after.map(({ status }) => status)).toEqual(after.map(() => 200));
      for (const stalled of hanging) stalled.release();
      const texts = await Promise.all(streams.map((answer) => answer.text().catch(() => 'cut')));
      const whole = texts.filter((text) => text.includes('two'));
      expect(whole).toHaveLength(loads['api-1'] ?? Number.NaN);
      expect(loads['api-2']).toBeGreaterThan(0);
      await untilStates('UP', 'DOWN');
    },
    START_MS,
  );
});
