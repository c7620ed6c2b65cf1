import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { AppModule } from '../../src/app.module.js';
import { loadEnvironment } from '../../src/config/environment.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { DatabaseHealth } from '../../src/database/database-health.js';
import { findEmbeddedOwner } from '../../src/database/embedded/embedded-database.js';
import { InstanceHeartbeatService } from '../../src/database/instance-heartbeat.service.js';
import { JobQueue } from '../../src/jobs/job-queue.js';

Logger.overrideLogger(false);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Serves a database from a process of its own, writes a row and dies as if the power went. */
const KILLED = `
  import { Worker } from 'node:worker_threads';
  import pg from 'pg';
  const [dataDirectory, directory] = process.argv.slice(1);
  const worker = new Worker('${ROOT}src/database/embedded/embedded-worker.ts', {
    execArgv: [],
    workerData: { dataDirectory, socketPath: directory + '/.s.PGSQL.5432', idleTransactionMs: 10000 },
  });
  await new Promise((resolve) => worker.once('message', resolve));
  const client = new pg.Client({ host: directory, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  await client.query('create table kept (id int)');
  await client.query('insert into kept select generate_series(1, 1000)');
  await client.query('begin');
  await client.query('insert into kept values (0)');
  process.kill(process.pid, 'SIGKILL');
`;

describe('embedded database', () => {
  let dataDir: string;
  let application: TestingModule | undefined;

  async function start(): Promise<TestingModule> {
    const environment = loadEnvironment({ TRUNKLINE_DATA_DIR: dataDir, DRAIN_SECONDS: '0' }, tmpdir());
    const module = await Test.createTestingModule({ imports: [AppModule.forRoot(environment)] }).compile();
    application = await module.init();
    return module;
  }

  beforeEach(() => {
    // Longer than a socket's path may be.
    dataDir = join(mkdtempSync(join(tmpdir(), 'embedded-')), 'x'.repeat(100));
  });

  afterEach(async () => {
    await application?.close();
    application = undefined;
    rmSync(join(dataDir, '..'), { recursive: true, force: true });
  });

  it('O26 serves its own process and others, one owner at a time, and starts within seconds again', async () => {
    const first = await start();
    const owner = findEmbeddedOwner(dataDir);
    expect(owner?.pid).toBe(process.pid);
    const client = new pg.Client({ connectionString: owner?.url });
    await client.connect();
    const { rows } = await client.query('select count(*)::int as count from trunkline.instance');
    expect(rows).toEqual([{ count: 1 }]);
    await client.end();
    await expect(
      DatabaseConnection.open({ url: null, dataDir, schema: 'trunkline', poolSize: 5 }),
    ).rejects.toMatchObject({ reason: 'owned-elsewhere' });
    await first.get(DatabaseHealth).check();
    expect(await first.get(InstanceHeartbeatService).liveIds()).toHaveLength(1);
    await first.get(DataSource).query(`insert into instance (id) values ('inst_dead')`);
    const job = await first
      .get(JobQueue)
      .enqueue({ kind: 'later', projectId: 'proj_default', keyId: null, payload: {} });
    const fetched = await first
      .get(JobQueue)
      .enqueue({ kind: 'later', projectId: 'proj_default', keyId: null, payload: {} });
    // As a process leaves it that is killed between fetching a job and beginning it.
    await first
      .get(DataSource)
      .query(`update trunkline_jobs.job set state = 'active', heartbeat_on = now() where data->>'jobId' = $1`, [
        fetched.id,
      ]);
    await first.close();
    expect(existsSync(new URL(owner?.url ?? '').searchParams.get('host') ?? '')).toBe(false);
    expect(findEmbeddedOwner(dataDir)).toBeNull();

    const before = performance.now();
    const second = await start();
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(await second.get(InstanceHeartbeatService).liveIds()).toEqual([
      second.get(InstanceHeartbeatService).instanceId,
    ]);
    const queue = second.get(JobQueue);
    await queue.process('later', () => Promise.resolve({ ran: true }));
    for (const { id } of [job, fetched]) {
      let found = await queue.find('proj_default', id);
      while (found?.status !== 'succeeded') {
        await new Promise((resolve) => setTimeout(resolve, 50));
        found = await queue.find('proj_default', id);
      }
      expect(found.result).toEqual({ ran: true });
    }
    // Far less than until a silent worker counts as dead: nobody else can be running it.
    expect(performance.now() - before).toBeLessThan(12_000);
  }, 40_000);

  it('takes over from a killed process with everything that was committed', async () => {
    mkdirSync(dataDir, { recursive: true });
    const socketDirectory = mkdtempSync(join(tmpdir(), 'trunkline-'));
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', KILLED, join(dataDir, 'postgres'), socketDirectory],
      { cwd: ROOT, stdio: 'inherit' },
    );
    await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    const record = { pid: child.pid, host: hostname(), start: null, socketDirectory };
    writeFileSync(join(dataDir, 'embedded.lock'), JSON.stringify(record));
    const module = await start();
    const rows: unknown = await module.get(DataSource).query('select count(*)::int as count from public.kept');
    expect(rows).toEqual([{ count: 1_000 }]);
    expect(existsSync(socketDirectory)).toBe(false);
  }, 40_000);
});
