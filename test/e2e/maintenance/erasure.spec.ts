import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { ProjectErasure } from '../../../src/auth/project-erasure.service.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { FakeToolServer } from '../../fakes/fake-tool-server.js';
import { type FullProject, fillProject } from '../../support/full-project.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** Tables with rows of a project that stay, and why. */
const KEPT: Readonly<Record<string, string>> = {
  project: 'its name and when it was deleted, for the ledger',
  api_key: 'revoked; a name and a hash, for the ledger',
  budget: 'what the sums of the ledger are checked against',
  budget_period: 'what the sums of the ledger are checked against',
  usage_request: 'the ledger: counts and costs, no content',
  usage_attempt: 'the ledger',
  usage_charge: 'the ledger',
  usage_rollup: 'sums of the ledger',
};

/** Tables that hold nothing of a project, and why. */
const OF_NOBODY: Readonly<Record<string, string>> = {
  migration: 'the schema',
  instance: 'processes',
  audit_entry: 'who changed what, by ids and names, for AUDIT_RETENTION_DAYS; no content',
  budget_exchange: 'the last word of each process on its shares of budgets',
  budget_hold: 'amounts that processes hold of budgets',
  limit_counter: 'the minute’s counts, deleted after two',
  limit_seat: 'how many requests are under way',
  limit_throttle: 'failed authentications by address, for a minute',
  provider_reset: 'of providers',
  usage_charge_archive: 'sums of the ledger by budget',
  usage_retention: 'since when the ledger is whole',
};

/** Ways that no foreign key shows, because the ledger is written in any order. */
const OWN_WAYS: Readonly<Record<string, string>> = {
  usage_attempt: 'usage_request_id in (select id from usage_request where project_id = $1)',
  usage_charge: 'usage_request_id in (select id from usage_request where project_id = $1)',
};

/** What is hard to have over HTTP, or is there for moments only. `$1` is the project. */
const BY_HAND: readonly string[] = [
  `insert into provider_state (project_id, call_id, state, expires_at) values ($1, 'call', '{}', now() + interval '1 hour')`,
  `insert into semantic_cache_entry
     (project_id, scope_hash, question_hash, facts_hash, question, embedding, dimensions, answer, expires_at)
   values ($1, 's', 'q', 'f', 'Why?', '[1,2]', 2, 'x', now() + interval '1 hour')`,
  `with made as (
     insert into upload (id, project_id, file_name, format) values ('upl_x', $1, 'a.txt', 'text') returning id)
   insert into upload_piece (upload_id, ordinal, bytes) select id, 0, 'x' from made`,
  `insert into response_event (response_id, sequence, name, content) select id, 0, 'x', '{}' from response where project_id = $1`,
  `insert into retired_secret (key_hash, key_id, expires_at)
     select 'old', id, now() + interval '1 hour' from api_key where project_id = $1`,
];

interface ForeignKey {
  table: string;
  columns: string[];
  parent: string;
  parent_columns: string[];
}

describe('a deleted project', () => {
  const openAi = new FakeOpenAi();
  const receiver = new FakeToolServer();
  let app: TestApp;
  let project: FullProject;
  /** How rows of the project are told, by table; null where nothing leads from the table to it. */
  let predicates: Map<string, string | null>;

  beforeAll(async () => {
    await Promise.all([openAi.start(), receiver.start()]);
    openAi.reply({ text: 'Said.' }).forever();
    app = await startTestApp({
      gateway: {
        providers: { lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-lab'] } },
        prices: { 'lab/chat': { input: 1, output: 2 }, 'lab/vectors': { input: 1, output: 0 } },
      },
      env: { EGRESS_ALLOW: '127.0.0.1/32', TRUNKLINE_SECRET: 'a secret of the tests, long enough for it' },
    });
    project = await fillProject(app, receiver.url);
    for (const text of BY_HAND) await sql(text, [project.projectId]);
    predicates = await findPredicates();
  }, 240_000);

  afterAll(async () => {
    await app.close();
    await openAi.stop();
    receiver.stop();
  });

  const sql = <T>(text: string, parameters: unknown[] = []): Promise<T[]> =>
    app.nest.get(DataSource).query<T[]>(text, parameters);

  async function findPredicates(): Promise<Map<string, string | null>> {
    const tables = await sql<{ name: string; owns: boolean }>(
      `select t.table_name as name, exists (
         select from information_schema.columns c
         where c.table_schema = t.table_schema and c.table_name = t.table_name and c.column_name = 'project_id') as owns
       from information_schema.tables t where t.table_schema = current_schema() and t.table_type = 'BASE TABLE'
       order by 1`,
    );
    const keys = await sql<ForeignKey>(
      `select c.conrelid::regclass::text as table, c.confrelid::regclass::text as parent,
         array(select a.attname::text from unnest(c.conkey) with ordinality k (n, i)
           join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n order by k.i) as columns,
         array(select a.attname::text from unnest(c.confkey) with ordinality k (n, i)
           join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.n order by k.i) as parent_columns
       from pg_constraint c where c.contype = 'f' and c.connamespace = current_schema()::regnamespace`,
    );
    const found = new Map<string, string | null>(
      tables.map(({ name, owns }) => [
        name,
        name === 'project' ? 'id = $1' : owns ? 'project_id = $1' : (OWN_WAYS[name] ?? null),
      ]),
    );
    // Budgets belong to a project or to one of its keys.
    found.set('budget', 'project_id = $1 or key_id in (select id from api_key where project_id = $1)');
    for (let changed = true; changed;) {
      changed = false;
      for (const { table, columns, parent, parent_columns: parentColumns } of keys) {
        const way = found.get(parent);
        if (found.get(table) !== null || !way) continue;
        found.set(table, `(${columns.join()}) in (select ${parentColumns.join()} from ${parent} where ${way})`);
        changed = true;
      }
    }
    return found;
  }

  async function counts(): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    for (const [table, predicate] of predicates) {
      if (predicate === null) continue;
      const [row] = await sql<{ n: number }>(`select count(*)::int as n from ${table} where ${predicate}`, [
        project.projectId,
      ]);
      found[table] = row?.n ?? 0;
    }
    return found;
  }

  async function untilErased(): Promise<void> {
    const erased = 'select 1 from project where id = $1 and erased_at is not null';
    while ((await sql(erased, [project.projectId])).length === 0) {
      app.nest.get(ProjectErasure).start();
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  it('can be told in every table of the schema, or the table is of nobody for a reason', () => {
    const lost = [...predicates].filter(([, predicate]) => predicate === null).map(([table]) => table);
    expect(lost.sort()).toEqual(Object.keys(OF_NOBODY).sort());
  });

  it('leaves nothing in any table but what the ledger needs', async () => {
    const before = await counts();
    const empty = Object.keys(before).filter((table) => before[table] === 0);
    expect(empty).toEqual([]);
    expect((await app.delete(`/admin/projects/${project.projectId}`)).status).toBe(200);
    // As five minutes later, when nothing is under way any more.
    await sql(`update project set deleted_at = deleted_at - interval '1 hour' where id = $1`, [project.projectId]);
    await untilErased();
    const after = await counts();
    const left = Object.keys(after).filter((table) => (after[table] ?? 0) > 0 && !(table in KEPT));
    expect(left).toEqual([]);
    for (const table of ['usage_request', 'usage_attempt']) expect(after[table]).toBe(before[table]);
  });
});
