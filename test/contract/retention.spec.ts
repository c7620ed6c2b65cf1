import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { ProjectErasure } from '../../src/auth/project-erasure.service.js';
import { Housekeeping } from '../../src/core/housekeeping.js';
import { SystemClock } from '../../src/core/clock.js';
import { ConversationSweeper } from '../../src/conversations/conversation-sweeper.service.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { JobSweeper } from '../../src/jobs/job-sweeper.service.js';
import { SEALED_COLUMNS } from '../../src/maintenance/renew-secrets.js';
import { toOpeningEntry } from '../../src/usage/ledger/ledger-entry.js';
import { LedgerStore } from '../../src/usage/ledger/ledger-store.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../support/database.js';
import { ledgerOpening } from '../support/ledger-parts.js';

const RETENTION = { conversationDays: 10, jobDays: 10 };

describe('what is kept for so many days', () => {
  let database: TestDatabase;
  let connection: DatabaseConnection;
  let dataSource: DataSource;
  const housekeeping = new Housekeeping(new SystemClock(), true);

  beforeAll(async () => {
    database = await createTestSchema();
    connection = await DatabaseConnection.open(database);
    dataSource = await createDataSource(connection, dataSourceOptions(connection));
  });

  afterAll(async () => {
    await dataSource.destroy();
    await connection.close();
    await dropTestSchema(database);
  });

  const ids = async (table: string): Promise<string[]> =>
    (await dataSource.query<{ id: string }[]>(`select id from ${table} order by id`)).map(({ id }) => id);

  it('conversations, from their last change, but not while one is being answered', async () => {
    await dataSource.query(
      `insert into conversation (id, project_id, updated_at) values
         ('new', 'proj_default', now() - interval '9 days'), ('busy', 'proj_default', now() - interval '11 days'),
         ('old', 'proj_default', now() - interval '11 days')`,
    );
    await dataSource.query(
      `insert into conversation_turn (conversation_id, turn, status, instance_id, request_id) values
         ('busy', 1, 'running', 'inst_a', 'req_a'), ('old', 1, 'completed', 'inst_a', 'req_b')`,
    );
    await new ConversationSweeper(dataSource, RETENTION, housekeeping).sweep();
    expect(await ids('conversation')).toEqual(['busy', 'new']);
  });

  it('jobs, from their end, however many', async () => {
    await dataSource.query(
      `insert into job (id, kind, project_id, status, payload, created_at, finished_at)
         select 'old-' || n, 'x', 'proj_default', 'succeeded', '{}', now(), now() - interval '11 days'
           from generate_series(1, 1001) n`,
    );
    await dataSource.query(
      `insert into job (id, kind, project_id, status, payload, created_at, finished_at) values
         ('new', 'x', 'proj_default', 'failed', '{}', now(), now() - interval '9 days'),
         ('open', 'x', 'proj_default', 'queued', '{}', now() - interval '1 year', null)`,
    );
    await new JobSweeper(dataSource, RETENTION, housekeeping).sweep();
    expect(await ids('job')).toEqual(['new', 'open']);
  });

  it('what deleted projects stored, until nothing of theirs is under way any more', async () => {
    const clock = new SystemClock();
    const isErased = async (): Promise<boolean> => {
      const erasure = new ProjectErasure(dataSource, clock);
      erasure.start();
      await erasure.beforeApplicationShutdown();
      const [row] = await dataSource.query<{ erased: boolean }[]>(
        `select erased_at is not null as erased from project where id = 'proj_gone'`,
      );
      return row?.erased ?? false;
    };
    await dataSource.query(`insert into project (id, name, deleted_at) values ('proj_gone', 'gone', now())`);
    await new LedgerStore(dataSource).open([toOpeningEntry(ledgerOpening('a'), 'inst_a')]);
    await dataSource.query(`update usage_request set project_id = 'proj_gone'`);
    expect(await isErased()).toBe(false);
    await dataSource.query(`update project set deleted_at = now() - interval '10 minutes' where id = 'proj_gone'`);
    expect(await isErased()).toBe(false);
    await dataSource.query('delete from usage_request');
    expect(await isErased()).toBe(true);
  });

  it('and every column that is sealed is known to the rotation of secrets', async () => {
    const rows = await dataSource.query<{ place: string }[]>(
      `select table_name || '.' || column_name as place from information_schema.columns
        where table_schema = current_schema() and column_name like 'sealed%' order by 1`,
    );
    const known = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`);
    expect(rows.map(({ place }) => place)).toEqual(known.sort());
  });
});
