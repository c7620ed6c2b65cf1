import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeCollector } from '../fakes/fake-collector.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/free-port.js';
import { ServerProcess } from '../support/server-process.js';

const START_MS = 180_000;
const FAULTS = fileURLToPath(new URL('../support/injected-faults.mjs', import.meta.url));

if (!runsOnServer)
  process.stderr.write('Workers need a PostgreSQL server (TEST_DATABASE_URL): their tests are skipped.\n');

(runsOnServer ? describe : describe.skip)('WORKERS=2', () => {
  const collector = new FakeCollector();
  let database: TestDatabase;
  let directory: string;
  let variables: Record<string, string>;
  let server: ServerProcess;
  let headers: Record<string, string>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'trunkline-workers-'));
    database = await createTestSchema();
    await collector.start();
    variables = {
      WORKERS: '2',
      // With any port, the next worker would listen on another one when none was left for a moment.
      PORT: String(await freePort()),
      NODE_OPTIONS: `--import=${FAULTS}`,
      DATABASE_URL: database.url,
      DATABASE_SCHEMA: database.schema,
      TRUNKLINE_DATA_DIR: directory,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '10',
    };
    server = await ServerProcess.start(variables);
    const [key = ''] = /tl_\w+/.exec(server.printed) ?? [];
    headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' };
    await until(() => workers().length === 2);
  }, START_MS);

  afterAll(async () => {
    await server.end();
    await collector.stop();
    await dropTestSchema(database);
    rmSync(directory, { recursive: true, force: true });
  });

  function workers(): number[] {
    const pid = String(server.pid);
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  }

  async function ask(): Promise<number> {
    const body = JSON.stringify({ message: 'Hello' });
    return (await fetch(`${server.url}/v1/chat`, { method: 'POST', headers, body })).status;
  }

  /** Resolves when two workers are there and listen: their spans tell which of them answers. */
  async function everybodyAnswers(): Promise<void> {
    await until(async () => {
      await fetch(`${server.url}/v1/models`, { headers }).catch(() => undefined);
      const answering = new Set(collector.spans.map(({ resource }) => Number(resource['process.pid'])));
      return workers().length === 2 && workers().every((pid) => answering.has(pid));
    });
  }

  async function answered(): Promise<number> {
    const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
    const line = /^trunkline_http_requests_total\{method="POST",route="\/v1\/chat",[^}]*\} (\d+)$/m.exec(text);
    return Number(line?.[1] ?? 0);
  }

  it('counts what all workers answered, whichever of them is scraped', async () => {
    // The second one listens only after it is there.
    await until(async () => (await answered()) >= 0);
    for (let sent = 0; sent < 8; sent += 1) expect(await ask()).toBe(200);
    await until(async () => (await answered()) === 8);
    expect([await answered(), await answered()]).toEqual([8, 8]);
    expect(await (await fetch(`${server.url}/metrics`, { headers })).text()).toMatch(/^process_start_time_seconds \d/m);
  });

  it('sends the spans of each worker under its own number', async () => {
    await everybodyAnswers();
    expect(new Set(collector.spans.map(({ resource }) => resource['service.instance.id'])).size).toBe(2);
  });

  it(
    'replaces a worker that dies, while the other goes on answering',
    async () => {
      // The first one listens for certain; the other may still be starting.
      const dying = workers().at(-1);
      process.kill(Number(dying), 'SIGKILL');
      await until(() => server.printed.includes('ended (killed)'));
      expect(await ask()).toBe(200);
      await until(() => workers().length === 2 && !workers().includes(Number(dying)));
      expect(await ask()).toBe(200);
      await until(async () => (await answered()) === 10);
      await everybodyAnswers();
    },
    START_MS,
  );

  it(
    'O29 replaces a worker that failed where nobody could catch it, once its answers are over',
    async () => {
      const body = JSON.stringify({ message: 'fault: exception' });
      await fetch(`${server.url}/v1/chat`, { method: 'POST', headers, body }).catch(() => undefined);
      await until(() => server.printed.includes('ended (code 1)'));
      // The other one may still be starting, in the place of the one that was killed: then nobody listens for a moment.
      await until(async () => (await ask().catch(() => 0)) === 200);
      await everybodyAnswers();
    },
    START_MS,
  );

  it(
    'says that the port is taken, and ends',
    async () => {
      const start = ServerProcess.start({ ...variables, PORT: new URL(server.url).port });
      await expect(start).rejects.toThrow(
        /ended with 1\.[^]*Trunkline cannot start[^]*Another process listens on port \d+/,
      );
    },
    START_MS,
  );

  it('shows its first key once, and ends with all its workers, cleanly', async () => {
    expect(server.printed.match(/is ready/g)).toHaveLength(1);
    const before = workers();
    expect(await server.end('SIGTERM')).toBe(0);
    for (const pid of before) expect(() => process.kill(pid, 0)).toThrow();
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(50);
}
