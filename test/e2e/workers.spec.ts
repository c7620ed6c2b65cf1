import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase } from '../support/database.js';
import { ServerProcess } from '../support/server-process.js';

const START_MS = 60_000;
const FAULTS = fileURLToPath(new URL('../support/injected-faults.mjs', import.meta.url));

if (!runsOnServer)
  process.stderr.write('Workers need a PostgreSQL server (TEST_DATABASE_URL): their tests are skipped.\n');

(runsOnServer ? describe : describe.skip)('WORKERS=2', () => {
  let database: TestDatabase;
  let directory: string;
  let variables: Record<string, string>;
  let server: ServerProcess;
  let headers: Record<string, string>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'trunkline-workers-'));
    database = await createTestSchema();
    variables = {
      WORKERS: '2',
      NODE_OPTIONS: `--import=${FAULTS}`,
      DATABASE_URL: database.url,
      DATABASE_SCHEMA: database.schema,
      TRUNKLINE_DATA_DIR: directory,
    };
    server = await ServerProcess.start(variables);
    const [key = ''] = /tl_\w+/.exec(server.printed) ?? [];
    headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' };
    await until(() => workers().length === 2);
  }, START_MS);

  afterAll(async () => {
    await server.end();
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
    },
    START_MS,
  );

  it(
    'O29 replaces a worker that failed where nobody could catch it, once its answers are over',
    async () => {
      const body = JSON.stringify({ message: 'fault: exception' });
      await fetch(`${server.url}/v1/chat`, { method: 'POST', headers, body }).catch(() => undefined);
      await until(() => server.printed.includes('ended (code 1)'));
      expect(await ask()).toBe(200);
      await until(() => workers().length === 2);
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
