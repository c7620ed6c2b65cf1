import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { LedgerWriter } from '../../src/usage/ledger/ledger-writer.service.js';
import { ROLL_UP, TOKEN_COLUMNS } from '../../src/usage/ledger/roll-up.js';
import type { Dimension } from '../../src/usage/reports/report-query.js';
import { RecordedRequests } from '../../src/usage/reports/recorded-requests.service.js';
import type { RequestFilters } from '../../src/usage/reports/request-query.js';
import { UsageReports } from '../../src/usage/reports/usage-reports.service.js';
import { runsOnServer, withClient } from '../support/database.js';
import { LedgerDatabase } from '../support/ledger-database.js';

const REQUESTS = 1_000_000;
const MOST_MS = 300;
const MOST_LIST_MS = 1_000;
const TRIES = 5;
const MONTH = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-02-01T00:00:00Z') };
const NOBODY = { projectId: null, keyId: null, provider: null, model: null };
const ANYTHING: RequestFilters = {
  ...{ ...NOBODY, requestId: null, surface: null, operation: null, from: null, to: null },
  ...{ status: null, tag: null, errorCode: null, minCostUsd: null, minDurationMs: null },
};
const writer = { flush: () => Promise.resolve() } as unknown as LedgerWriter;
const ZEROS = TOKEN_COLUMNS.map((name) => (name === 'input_tokens' || name === 'output_tokens' ? `(n % 997)` : '0'));

// 200 keys in 20 projects, eight models, over the 31 days.
const FILL_REQUESTS = `
  insert into usage_request (id, request_id, project_id, key_id, surface, operation, requested_model, provider, model,
    status, ${TOKEN_COLUMNS.join(', ')}, cost_usd, estimated, tags, started_at, duration_ms)
  select 'r' || n, 'req_' || n, 'proj_' || (n * 7919 % 20), 'key_' || (n * 7919 % 200), 'openai', 'chat', 'alias' || (n * 31 % 4),
    'p' || (n * 31 % 3), 'm' || (n * 31 % 8), (array['succeeded', 'failed', 'aborted', 'abandoned'])[1 + n % 4],
    ${ZEROS.join(', ')}, n * 0.0000000001, false, case when n % 10 = 0 then array['team-' || n % 7] else array[]::text[] end,
    timestamptz '2026-01-01Z' + n * interval '31 days' / ${String(REQUESTS)}, n % 5000
  from generate_series(0::bigint, ${String(REQUESTS - 1)}) n`;
const FILL_ATTEMPTS = `
  insert into usage_attempt (usage_request_id, n, provider, model, outcome, ${TOKEN_COLUMNS.join(', ')}, cost_usd, estimated,
    duration_ms)
  select id, 1, provider, model, 'succeeded', ${TOKEN_COLUMNS.join(', ')}, cost_usd, false, duration_ms from usage_request`;
const FILL_ROLLUP = `with finals as (select * from usage_request), final_attempts as (select * from usage_attempt) ${ROLL_UP}`;

(runsOnServer ? describe : describe.skip)('a month of a million requests (needs TEST_DATABASE_URL)', () => {
  let ledger: LedgerDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    ledger = await LedgerDatabase.open();
    ({ dataSource } = ledger);
    await withClient(ledger.config, async (client) => {
      await client.query(`insert into project (id, name) select 'proj_' || n, 'p' from generate_series(0, 19) n`);
      for (const statement of [FILL_REQUESTS, FILL_ATTEMPTS, FILL_ROLLUP]) await client.query(statement);
      await client.query('analyze usage_request, usage_attempt, usage_rollup');
    });
  }, 600_000);

  afterAll(async () => {
    await ledger.close();
  });

  async function bestOf(work: () => Promise<unknown>): Promise<number> {
    const times: number[] = [];
    for (let index = 0; index < TRIES; index += 1) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  }

  it.each<[Dimension[], string]>([
    [['day'], 'UTC'],
    [['project', 'model'], 'UTC'],
    [['key', 'provider', 'model'], 'UTC'],
    [['day', 'project', 'provider'], 'UTC'],
    [[], 'UTC'],
  ])('is reported by %j within 300 ms', async (groupBy, timeZone) => {
    const reports = new UsageReports(dataSource, writer);
    const query = { range: { ...MONTH, timeZone }, groupBy, filters: NOBODY, limit: 10_000, after: null };
    const report = await reports.report(query);
    expect(report.totals).toMatchObject({ attempts: REQUESTS, succeeded: REQUESTS / 4, costUsd: '49.9999500000' });
    const tookMs = await bestOf(() => reports.report(query));
    process.stdout.write(`by ${groupBy.join()}: ${String(report.groups.length)} groups in ${tookMs.toFixed(0)} ms\n`);
    expect(tookMs).toBeLessThan(MOST_MS);
  });

  it.each<[string, Partial<RequestFilters>]>([
    ['no filter', {}],
    ['a project', { projectId: 'proj_3' }],
    ['a key', { keyId: 'key_17' }],
    ['a key that nobody has', { keyId: 'key_nobody' }],
    ['a status', { status: 'failed' }],
    ['failures with a code that nobody met', { status: 'failed', errorCode: 'nobody' }],
    ['a tag', { tag: 'team-3' }],
    ['a tag that nobody has', { tag: 'nobody' }],
    ['a model', { model: 'p1/m4' }],
    ['a model that nobody asked', { model: 'nobody' }],
    ['a provider that nobody has', { provider: 'nobody' }],
    ['a request id', { requestId: 'req_500000' }],
    ['a surface where nothing came in', { surface: 'rag' }],
    ['what cost more than anything', { minCostUsd: '5' }],
    ['what took longer than anything', { minDurationMs: 5_000 }],
    ['a day in the middle', { from: new Date('2026-01-15Z'), to: new Date('2026-01-16Z'), minDurationMs: 4_990 }],
  ])('lists the requests of %s within a second', async (name, filters) => {
    const requests = new RecordedRequests(dataSource, writer);
    const tookMs = await bestOf(() => requests.list({ ...ANYTHING, ...filters }, 100, undefined));
    process.stdout.write(`requests of ${name}: ${tookMs.toFixed(0)} ms\n`);
    expect(tookMs).toBeLessThan(MOST_LIST_MS);
  });

  it('says how long finer sums and the ledger take', async () => {
    const reports = new UsageReports(dataSource, writer);
    const requests = new RecordedRequests(dataSource, writer);
    const query = { filters: NOBODY, limit: 10_000, after: null };
    const berlin = { ...MONTH, timeZone: 'Europe/Berlin' };
    const byDayThere = await bestOf(() => reports.report({ ...query, range: berlin, groupBy: ['day'] }));
    const byTag = await bestOf(() => reports.report({ ...query, range: berlin, groupBy: ['tag'] }));
    const newest = await bestOf(() => requests.list(ANYTHING, 100, undefined));
    const [size] = await dataSource.query<{ rows: string }[]>('select count(*) as rows from usage_rollup');
    process.stdout.write(
      `roll-up ${String(size?.rows)} rows; by day of another zone ${byDayThere.toFixed(0)} ms, by tag ${byTag.toFixed(0)} ms, ` +
        `newest requests ${newest.toFixed(0)} ms\n`,
    );
    expect(newest).toBeLessThan(MOST_MS);
  });
});
