import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createDataSource, dataSourceOptions } from '../../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../../src/database/database-connection.js';
import { JobQueue } from '../../../src/jobs/job-queue.js';
import { adminKey } from '../../../src/maintenance/admin-key.command.js';
import { backup } from '../../../src/maintenance/backup.command.js';
import { move } from '../../../src/maintenance/move.command.js';
import { restore } from '../../../src/maintenance/restore.command.js';
import { rotateSecret } from '../../../src/maintenance/rotate-secret.command.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { FakeToolServer } from '../../fakes/fake-tool-server.js';
import { dropTestSchema, runsOnServer, withClient } from '../../support/database.js';
import { type FullProject, fillProject, searchProject, viewProject } from '../../support/full-project.js';
import { Installation } from '../../support/installation.js';
import type { TestApp } from '../../support/test-app.js';

Logger.overrideLogger(false);

const server = process.env.TEST_DATABASE_URL ?? '';
/** Says in the name of a test why it is left out. */
const onServer = runsOnServer ? it : it.skip;
const WHY = runsOnServer ? '' : ' (skipped: TEST_DATABASE_URL names no server to move to)';

describe('an installation that moves, is backed up and restored', () => {
  const openAi = new FakeOpenAi();
  const receiver = new FakeToolServer();
  const schema = `test_${randomBytes(6).toString('hex')}`;
  const target = { url: server, dataDir: '', schema, poolSize: 5 };
  const onTarget = (): Record<string, string> => ({
    DATABASE_URL: server,
    DATABASE_SCHEMA: schema,
    TRUNKLINE_SECRET_FILE: join(home.dataDir, 'secret'),
  });
  let home: Installation;
  let project: FullProject;
  let admin: string;
  let before: string[];
  let hits: string[];
  let waiting: string;

  beforeAll(async () => {
    await Promise.all([openAi.start(), receiver.start()]);
    openAi.reply({ text: 'Said.' }).forever();
    home = new Installation(
      {
        providers: { lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-lab'] } },
        prices: { 'lab/chat': { input: 1, output: 2 }, 'lab/vectors': { input: 1, output: 0 } },
      },
      { EGRESS_ALLOW: '127.0.0.1/32', DATABASE_SCHEMA: schema },
    );
    const app = await home.start();
    admin = app.adminKey;
    project = await fillProject(app, receiver.url);
    waiting = await enqueue(app);
    hits = await searchProject(app, project);
    before = await viewProject(app, project, admin);
    await refusesWhileItRuns();
    await app.close();
  }, 240_000);

  afterAll(async () => {
    if (runsOnServer) await dropTestSchema(target);
    await openAi.stop();
    receiver.stop();
    await home.remove();
  });

  /** A job of a kind that no process here runs yet. */
  async function enqueue(app: TestApp): Promise<string> {
    const job = { kind: 'later', projectId: project.projectId, keyId: null, payload: { 'a "b"\\c': [1, null, 'ü'] } };
    return (await app.nest.get(JobQueue).enqueue(job)).id;
  }

  async function refusesWhileItRuns(): Promise<void> {
    await expect(home.run(move, ['--to', 'postgres://nobody@127.0.0.1:1/x'])).rejects.toThrow(/A server runs/);
    await expect(home.run(backup, [join(home.directory, 'early')])).rejects.toThrow(/--online/);
    await expect(home.run(restore, [home.directory])).rejects.toThrow(/cannot be read/);
    // Its requests wait, and then are served.
    expect(await home.run(backup, [join(home.directory, 'online.backup'), '--online'])).toBe(0);
  }

  /** It answers as before with the same keys, opens what was sealed, and goes on with what waits. */
  async function isTheSame(app: TestApp): Promise<void> {
    try {
      expect(await viewProject(app, project, admin)).toEqual(before);
      expect(await searchProject(app, project)).toEqual(hits);
      const queue = app.nest.get(JobQueue);
      await queue.process('later', ({ payload }) => Promise.resolve({ got: payload }));
      expect(await app.waitForJob(waiting, { key: project.key })).toMatchObject({
        status: 'succeeded',
        result: { got: { 'a "b"\\c': [1, null, 'ü'] } },
      });
      openAi.reset();
      openAi.reply(({ body }) => {
        const [tool] = body.tools as unknown as { function: { name: string } }[];
        return { toolCalls: [{ name: tool?.function.name ?? '', arguments: {} }] };
      });
      openAi.reply({ text: 'Sunny.' });
      const asked = { message: 'Weather?', model: 'lab/chat', server_tools: ['http:weather'], store: false };
      expect((await app.post('/v1/chat', asked, { key: project.key })).status).toBe(200);
      const visit = receiver.visits.findLast(({ path }) => path.startsWith('/weather'));
      expect(visit?.headers.authorization).toBe('Bearer very-hidden');
    } finally {
      openAi.reset();
      openAi.reply({ text: 'Said.' }).forever();
    }
  }

  it('says what cannot be done', async () => {
    await expect(home.run(move, [])).rejects.toThrow(/Usage: npm run move/);
    await expect(home.run(move, ['--to', 'mysql://x'])).rejects.toThrow(/postgres:\/\//);
    await expect(home.run(move, ['--to', 'postgres://u:p#1@host/x'])).rejects.toThrow(/percent-encoded/);
    await expect(home.run(move, ['--to-file', home.directory])).rejects.toThrow(/cannot be read/);
    await expect(home.run(move, ['--too', 'x'])).rejects.toThrow(/--too/);
    const nowhere = { TRUNKLINE_DATA_DIR: 'nowhere' };
    await expect(home.run(move, ['--to', 'postgres://x@y/z'], nowhere)).rejects.toThrow(/no embedded database/);
    await expect(home.run(adminKey, [], nowhere)).rejects.toThrow(/no embedded database/);
    expect(existsSync(join(home.directory, 'nowhere'))).toBe(false);
    await expect(home.run(restore, ['nothing'])).rejects.toThrow(/no file/);
    await expect(home.run(rotateSecret, [], { TRUNKLINE_SECRET: 'x'.repeat(40) })).rejects.toThrow(/_PREVIOUS/);
  });

  it('refuses to move while costs wait in write-ahead files', async () => {
    const ledger = join(home.dataDir, 'ledger');
    const file = join(ledger, 'inst_ABC.000000001.jsonl');
    mkdirSync(ledger, { recursive: true });
    writeFileSync(file, '');
    await expect(home.run(move, ['--to', 'postgres://x@y/z'])).rejects.toThrow(/write-ahead/);
    rmSync(file);
  });

  it('is the same after it was restored from a backup, and takes new keys and secrets from the shell', async () => {
    const file = join(home.directory, 'whole.backup');
    expect(await home.run(backup, [file])).toBe(0);
    expect(home.printed.join('\n')).toContain(join(home.dataDir, 'secret'));
    await expect(home.run(backup, [file])).rejects.toThrow(/exists already/);
    await expect(home.run(restore, [file])).rejects.toThrow(/--replace/);
    const cut = join(home.directory, 'cut.backup');
    writeFileSync(cut, readFileSync(file).subarray(0, -20_000));
    await expect(home.run(restore, [cut, '--replace'])).rejects.toThrow(/damaged/);
    expect(existsSync(join(home.dataDir, 'postgres.replaced-1'))).toBe(false);

    const elsewhere = { TRUNKLINE_DATA_DIR: 'second' };
    mkdirSync(join(home.directory, 'second'));
    copyFileSync(join(home.dataDir, 'secret'), join(home.directory, 'second', 'secret'));
    expect(await home.run(restore, [file], elsewhere)).toBe(0);
    expect(home.printed).toContain('The ledger adds up.');
    const app = await home.start(elsewhere);
    try {
      await isTheSame(app);
      await takesNewSecretsWhileItRuns(app, elsewhere);
    } finally {
      await app.close();
    }
    const secret = join(home.directory, 'second', 'secret');
    const old = readFileSync(secret, 'utf8');
    expect(await home.run(rotateSecret, [], elsewhere)).toBe(0);
    expect(home.printed[0]).toBe('3 secrets were closed anew, 0 were already.');
    expect(readFileSync(secret, 'utf8')).not.toBe(old);
    expect(existsSync(`${secret}.previous`)).toBe(false);
  }, 240_000);

  async function takesNewSecretsWhileItRuns(app: TestApp, there: Record<string, string>): Promise<void> {
    expect(await home.run(adminKey, [], there)).toBe(0);
    const key = /tl_\S+/.exec(home.printed.join('\n'))?.[0];
    expect((await app.get('/admin/keys', { key })).status).toBe(200);
    await expect(home.run(rotateSecret, [], there)).rejects.toThrow(/Stop it first/);
    // With variables in place of the file, which has to be the previous one then, and back.
    const file = join(home.directory, 'second', 'secret');
    const named = { TRUNKLINE_SECRET: 'n'.repeat(40), TRUNKLINE_SECRET_PREVIOUS_FILE: file };
    for (const renewed of [3, 0]) {
      expect(await home.run(rotateSecret, [], { ...there, ...named })).toBe(0);
      expect(home.printed[0]).toBe(`${String(renewed)} secrets were closed anew, ${String(3 - renewed)} were already.`);
    }
    const lost = { TRUNKLINE_SECRET: 'l'.repeat(40), TRUNKLINE_SECRET_PREVIOUS: 'm'.repeat(40) };
    expect(await home.run(rotateSecret, [], { ...there, ...lost })).toBe(1);
    expect(home.printed.filter((line) => line.startsWith('UNREADABLE'))).toHaveLength(3);
    const back = { TRUNKLINE_SECRET_FILE: file, TRUNKLINE_SECRET_PREVIOUS: 'n'.repeat(40) };
    expect(await home.run(rotateSecret, [], { ...there, ...back })).toBe(0);
  }

  onServer(
    `is the same after it was moved to PostgreSQL, whole or not at all, with the same keys${WHY}`,
    async () => {
      const connection = await DatabaseConnection.open(target);
      await (await createDataSource(connection, dataSourceOptions(connection))).destroy();
      await connection.close();
      const rows = (table: string): Promise<{ n: number }[]> =>
        withClient(
          target,
          async (client) => (await client.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows,
        );
      const change = (sql: string): Promise<unknown> => withClient(target, (client) => client.query(sql));
      // One of the last tables does not take its rows.
      await change(`alter table webhook add constraint spoiled check (id = 'no')`);
      await expect(home.run(move, ['--to', server])).rejects.toThrow(/spoiled/);
      expect(await rows('api_key')).toEqual([{ n: 0 }]);
      await change('alter table webhook drop constraint spoiled');

      expect(await home.run(move, ['--to', server])).toBe(0);
      expect(home.printed.join('\n')).toMatch(/chunk_embedding: 3 rows[\s\S]*The ledger adds up/);
      expect(home.printed.join('\n')).toContain(join(home.dataDir, 'secret'));
      await expect(home.run(move, ['--to', server])).rejects.toThrow(/not empty/);
      const app = await home.start(onTarget());
      await isTheSame(app).finally(() => app.close());
      // And back: a backup of a server's database is an embedded one's, too.
      const file = join(home.directory, 'of-the-server.backup');
      expect(await home.run(backup, [file], onTarget())).toBe(0);
      expect(await home.run(restore, [file], { TRUNKLINE_DATA_DIR: 'third' })).toBe(0);
    },
    240_000,
  );
});
