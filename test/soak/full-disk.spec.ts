import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServerProcess } from '../support/server-process.js';
import { TinyDisk } from '../support/tiny-disk.js';

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const KEY = 'full-disk-admin-key-0123456789';
const MEGABYTE = 1024 ** 2;
/** The files of the embedded database, and some. */
const DISK_BYTES = 192 * MEGABYTE;
const LONG_MS = 600_000;

const disk = TinyDisk.mount({ bytes: DISK_BYTES });

(disk ? describe : describe.skip)('the embedded database on a disk that fills up', () => {
  if (!disk) return;
  let server: ServerProcess;
  const variables = { TRUNKLINE_DATA_DIR: disk.path, TRUNKLINE_ADMIN_KEY: KEY };

  beforeAll(async () => {
    server = await ServerProcess.start(variables);
  }, LONG_MS);

  afterAll(async () => {
    await server.end();
    disk.unmount();
  }, LONG_MS);

  const post = (path: string, body: object | FormData): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${KEY}`,
        ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }),
      },
      body: body instanceof FormData ? body : JSON.stringify(body),
    });
  const chat = (): Promise<Response> =>
    post('/v1/chat/completions', {
      model: 'local/extractive',
      messages: [{ role: 'user', content: 'What can you do?' }],
    });

  async function upload(megabytes: number): Promise<{ status: number; text: string }> {
    const form = new FormData();
    const line = 'The bar-tailed godwit flies eleven thousand kilometres without a stop.\n';
    form.set(
      'file',
      new File([line.repeat(Math.ceil((megabytes * MEGABYTE) / line.length))], `${String(Math.random())}.txt`),
    );
    const response = await post('/v1/documents', form);
    return { status: response.status, text: await response.text() };
  }

  it(
    'O08 refuses what it cannot keep, corrupts nothing, and goes on when there is room again',
    async () => {
      expect((await chat()).status).toBe(200);
      const kept = await post('/v1/collections', { name: 'kept-before' });
      expect(kept.status).toBe(201);
      disk.fill();
      const refused = await Promise.all(Array.from({ length: 3 }, () => upload(8)));
      process.stdout.write(`uploads on a full disk: ${refused.map(({ status }) => status).join()}\n`);
      for (const { status, text } of refused) {
        expect([503, 507]).toContain(status);
        expect(text).toMatch(/"code":"(?:storage_full|dependency_unavailable)"/);
      }
      const answered = await Promise.all(Array.from({ length: 20 }, async () => (await chat()).status));
      process.stdout.write(`chats on a full disk: ${answered.join()}\n`);
      expect(answered.filter((status) => status !== 200 && status !== 503)).toEqual([]);
      disk.empty();
      await untilReady();
      while ((await chat()).status !== 200) await delay(50);
      expect((await upload(1)).status).toBe(202);
      // As the next start finds it, too.
      await server.end('SIGTERM');
      server = await ServerProcess.start(variables);
      const found = await post('/v1/collections', { name: 'kept-before' });
      expect(found.status).toBe(409);
      expect((await chat()).status).toBe(200);
    },
    LONG_MS,
  );

  it(
    'O08 says at the start that the disk is full',
    async () => {
      await server.end('SIGTERM');
      disk.fill();
      const failed = await ServerProcess.start(variables).catch((error: unknown) => error);
      disk.empty();
      process.stdout.write(`${failed instanceof Error ? failed.message.slice(-400) : 'It started.'}\n`);
      if (failed instanceof ServerProcess) server = failed;
      else {
        expect(failed).toMatchObject({ message: expect.stringMatching(/disk is full|no space|cannot be used/i) });
        server = await ServerProcess.start(variables);
      }
      expect((await chat()).status).toBe(200);
    },
    LONG_MS,
  );

  async function untilReady(): Promise<void> {
    while ((await fetch(`${server.url}/health/ready`)).status !== 200) await delay(50);
  }
});

describe('a log that goes to a full disk', () => {
  let child: ChildProcess;
  const data = TinyDisk.mount({ bytes: DISK_BYTES });

  afterAll(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    data?.unmount();
  });

  (data ? it : it.skip)(
    'O08 ends no process and costs no answer',
    async () => {
      const port = await freePort();
      // Every write there fails as on a disk without room.
      const full = openSync('/dev/full', 'w');
      child = spawn(process.execPath, [START], {
        stdio: ['ignore', full, full],
        env: {
          PATH: process.env.PATH,
          PORT: String(port),
          HOST: '127.0.0.1',
          LOG_LEVEL: 'info',
          TRUNKLINE_DATA_DIR: data?.path,
          TRUNKLINE_ADMIN_KEY: KEY,
        },
      });
      closeSync(full);
      const url = `http://127.0.0.1:${String(port)}`;
      for (;;) {
        expect([child.exitCode, child.signalCode]).toEqual([null, null]);
        const response = await fetch(`${url}/health/ready`).catch(() => null);
        if (response?.status === 200) break;
        await delay(100);
      }
      for (let count = 0; count < 500; count += 1) {
        const response = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${KEY}` } });
        expect(response.status).toBe(200);
        await response.text();
      }
      expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    },
    LONG_MS,
  );
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
