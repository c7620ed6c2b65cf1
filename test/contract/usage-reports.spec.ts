import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import type { TokenUsage, UnitCounts } from '../../src/core/chat/token-usage.js';
import { addMoney, NO_MONEY } from '../../src/core/money.js';
import { toFinalEntry } from '../../src/usage/ledger/ledger-entry.js';
import type { LedgerRecord } from '../../src/usage/ledger/ledger-record.js';
import type { LedgerStore } from '../../src/usage/ledger/ledger-store.js';
import type { LedgerWriter } from '../../src/usage/ledger/ledger-writer.service.js';
import { FORGET_QUARTERS } from '../../src/usage/ledger/roll-up.js';
import { buildReport } from '../../src/usage/reports/build-report.js';
import {
  DIMENSIONS,
  type Dimension,
  type ReportQuery,
  type ReportRange,
  type UsageSums,
} from '../../src/usage/reports/report-query.js';
import { UsageReports } from '../../src/usage/reports/usage-reports.service.js';
import { ledgerRecord, RECORDS_AROUND } from '../support/arbitrary-records.js';
import { LedgerDatabase } from '../support/ledger-database.js';

const QUARTER_MS = 900_000;
const NOBODY = { projectId: null, keyId: null, provider: null, model: null };
const TOKEN_FIELDS: readonly (readonly [keyof UsageSums, keyof TokenUsage])[] = [
  ['inputTokens', 'input'],
  ['cachedInputTokens', 'cachedInput'],
  ['cacheWrite5mTokens', 'cacheWrite5m'],
  ['cacheWrite1hTokens', 'cacheWrite1h'],
  ['outputTokens', 'output'],
  ['reasoningTokens', 'reasoning'],
  ['imageInputTokens', 'imageInput'],
  ['audioInputTokens', 'audioInput'],
  ['audioOutputTokens', 'audioOutput'],
  ['imageOutputTokens', 'imageOutput'],
];
const UNIT_FIELDS: readonly (readonly [keyof UsageSums, keyof UnitCounts])[] = [
  ['images', 'image'],
  ['audioInputSeconds', 'audioInputSecond'],
  ['audioOutputSeconds', 'audioOutputSecond'],
  ['characters', 'character'],
  ['searches', 'search'],
];

/** One thing that counts: a request, an attempt, or what a request without attempts was billed. */
interface Part {
  record: LedgerRecord;
  provider: string;
  model: string;
  sums: Partial<UsageSums>;
}

function partsOf(record: LedgerRecord): Part[] {
  const own = { record, provider: record.provider ?? '', model: record.model ?? '' };
  const billed = (usage: TokenUsage, costUsd: string | null, attempts: number): Partial<UsageSums> => ({
    attempts,
    estimated: usage.estimated === true ? 1 : 0,
    unpriced: costUsd === null ? 1 : 0,
    ...Object.fromEntries(TOKEN_FIELDS.map(([field, name]) => [field, usage[name] ?? 0])),
    ...Object.fromEntries(UNIT_FIELDS.map(([field, name]) => [field, usage.units?.[name] ?? 0])),
    costUsd: costUsd ?? NO_MONEY,
  });
  const attempts = record.attempts.map(({ provider, model, usage, costUsd }) => ({
    ...{ record, provider, model },
    sums: billed(usage, costUsd, 1),
  }));
  const alone = attempts.length === 0 ? [{ ...own, sums: billed(record.usage, record.costUsd, 0) }] : [];
  return [{ ...own, sums: { [record.status]: 1 } }, ...attempts, ...alone];
}

function namesOf(part: Part, dimension: Dimension, { timeZone }: ReportRange): string[] {
  const { record } = part;
  const names: Record<Dimension, () => string[]> = {
    day: () => [new Intl.DateTimeFormat('sv', { timeZone }).format(record.startedAt)],
    project: () => [record.projectId],
    key: () => [record.keyId],
    requested_model: () => [record.requestedModel],
    provider: () => [part.provider],
    model: () => [part.model],
    tag: () => (record.tags.length === 0 ? [''] : record.tags),
  };
  return names[dimension]();
}

function add(total: Record<string, number | string>, sums: Partial<UsageSums>): void {
  for (const [name, value] of Object.entries(sums)) {
    const before = total[name];
    total[name] = typeof value === 'number' ? Number(before ?? 0) + value : addMoney(String(before ?? NO_MONEY), value);
  }
}

const EMPTY: UsageSums = {
  ...{ succeeded: 0, failed: 0, aborted: 0, abandoned: 0, attempts: 0, estimated: 0, unpriced: 0 },
  ...{ inputTokens: 0, cachedInputTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, outputTokens: 0 },
  ...{ reasoningTokens: 0, imageInputTokens: 0, audioInputTokens: 0, audioOutputTokens: 0, imageOutputTokens: 0 },
  ...{ images: 0, audioInputSeconds: 0, audioOutputSeconds: 0, characters: 0, searches: 0, costUsd: NO_MONEY },
};

/** The report as it follows from the records alone. */
function expectedGroups(records: readonly LedgerRecord[], query: ReportQuery): Map<string, UsageSums> {
  const { from, to } = query.range;
  const groups = new Map<string, UsageSums>();
  if (query.groupBy.length === 0) groups.set('[]', { ...EMPTY });
  for (const record of records.filter(({ startedAt }) => startedAt >= from && startedAt < to)) {
    for (const part of partsOf(record)) {
      const combinations = query.groupBy
        .map((dimension) => namesOf(part, dimension, query.range))
        .reduce<string[][]>((rows, names) => rows.flatMap((row) => names.map((name) => [...row, name])), [[]]);
      for (const values of combinations) {
        const key = JSON.stringify(values);
        const total = groups.get(key) ?? { ...EMPTY };
        add(total as unknown as Record<string, number | string>, part.sums);
        groups.set(key, total);
      }
    }
  }
  return groups;
}

const quarter = fc.integer({ min: -150, max: 150 }).map((count) => RECORDS_AROUND + count * QUARTER_MS);
const midnight = fc.integer({ min: -2, max: 2 }).map((count) => RECORDS_AROUND + count * 96 * QUARTER_MS);
const reportQuery: fc.Arbitrary<ReportQuery> = fc
  .record({
    ends: fc.tuple(fc.oneof(quarter, midnight), fc.oneof(quarter, midnight)),
    timeZone: fc.constantFrom('UTC', 'UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns'),
    groupBy: fc.shuffledSubarray([...DIMENSIONS]),
  })
  .map(({ ends, timeZone, groupBy }) => ({
    range: { from: new Date(Math.min(...ends)), to: new Date(Math.max(...ends) + QUARTER_MS), timeZone },
    groupBy,
    ...{ filters: NOBODY, limit: 10_000, after: null },
  }));

describe('usage reports', () => {
  let ledger: LedgerDatabase;
  let dataSource: DataSource;
  let store: LedgerStore;
  let reports: UsageReports;
  const written: LedgerRecord[] = [];

  beforeAll(async () => {
    ledger = await LedgerDatabase.open();
    ({ dataSource, store } = ledger);
    reports = new UsageReports(dataSource, { flush: () => Promise.resolve() } as unknown as LedgerWriter);
  });

  afterAll(async () => {
    await ledger.close();
  });

  async function write(records: readonly LedgerRecord[]): Promise<void> {
    const entries = records.map((record) => toFinalEntry(record, 'inst_1'));
    await store.settle(entries, 'inst_1');
    // Again, as after an answer of the database that was lost.
    await store.settle(entries, 'inst_1');
    written.push(...records);
  }

  it('add up to the ledger, whatever they are grouped by', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ledgerRecord, { maxLength: 12 }), reportQuery, async (records, query) => {
        await write(records);
        const { groups, totals, hasMore } = await reports.report(query);
        const found = new Map(groups.map(({ values, sums }) => [JSON.stringify(values), sums]));
        expect(hasMore).toBe(false);
        expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expectedGroups(written, query)));
        if (query.groupBy.includes('tag')) expect(totals).toBeNull();
        else expect(totals).toEqual(expectedGroups(written, { ...query, groupBy: [] }).get('[]'));
      }),
      { numRuns: 60 },
    );
  });

  it('lose nothing when several processes write the same sums at once', async () => {
    const records = fc.sample(ledgerRecord, 200);
    await Promise.all(Array.from({ length: 10 }, (_, index) => write(records.slice(index * 20, index * 20 + 20))));
    const range = { from: new Date(RECORDS_AROUND - 2e8), to: new Date(RECORDS_AROUND + 2e8), timeZone: 'UTC' };
    for (const groupBy of [['requested_model', 'model'], ['tag']] as const) {
      const query: ReportQuery = { range, groupBy, filters: NOBODY, limit: 10_000, after: null };
      const { groups } = await reports.report(query);
      const found = new Map(groups.map(({ values, sums }) => [JSON.stringify(values), sums]));
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expectedGroups(written, query)));
    }
  });

  it('give every group once when they are read page by page', async () => {
    const range = { from: new Date(RECORDS_AROUND - 2e8), to: new Date(RECORDS_AROUND + 2e8), timeZone: 'UTC' };
    for (const groupBy of [
      ['requested_model', 'day', 'model'],
      ['tag', 'key'],
    ] as const) {
      const whole: ReportQuery = { range, groupBy, filters: NOBODY, limit: 10_000, after: null };
      const all = await reports.report(whole);
      const pages = [];
      let after: readonly string[] | null = null;
      do {
        const page = await reports.report({ ...whole, limit: 3, after });
        expect(page.groups.length).toBe(page.hasMore ? 3 : page.groups.length);
        expect(page.totals).toEqual(all.totals);
        pages.push(...page.groups);
        after = page.hasMore ? (page.groups.at(-1)?.values ?? null) : null;
      } while (after !== null);
      expect(pages).toEqual(all.groups);
      expect(pages.length).toBeGreaterThan(6);
    }
  });

  it('count only what the filters let through', async () => {
    const range = { from: new Date(RECORDS_AROUND - 2e8), to: new Date(RECORDS_AROUND + 2e8), timeZone: 'UTC' };
    for (const groupBy of [['model'], ['model', 'tag']] as const) {
      const query: ReportQuery = { range, groupBy, filters: NOBODY, limit: 10_000, after: null };
      const filters = { ...NOBODY, keyId: 'key_a', provider: 'lab' };
      const { groups } = await reports.report({ ...query, groupBy: [...groupBy, 'key', 'provider'] });
      const mine = groups.filter(({ values }) => values.includes('key_a') && values.includes('lab'));
      const filtered = await reports.report({ ...query, filters });
      expect(filtered.groups.map(({ sums }) => sums)).toEqual(mine.map(({ sums }) => sums));
      expect(mine.length).toBeGreaterThan(0);
    }
  });

  it('say what is no longer kept, and go on with what is', async () => {
    const { from, to } = { from: new Date(RECORDS_AROUND - 86_400_000), to: new Date(RECORDS_AROUND + 86_400_000) };
    const query = { groupBy: ['key'] as const, filters: NOBODY, limit: 10, after: null };
    const before = await reports.report({ ...query, range: { from, to, timeZone: 'UTC' } });
    await dataSource.query('insert into usage_retention (deleted_before) values ($1)', [new Date(RECORDS_AROUND)]);
    await dataSource.query(FORGET_QUARTERS, [new Date(RECORDS_AROUND)]);
    expect(await reports.report({ ...query, range: { from, to, timeZone: 'UTC' } })).toEqual(before);
    const early = { from: new Date(from.getTime() + QUARTER_MS), to, timeZone: 'UTC' };
    await expect(reports.report({ ...query, range: early })).rejects.toThrow('are kept since 2026-03-29');
    await expect(reports.report({ ...query, groupBy: ['tag'], range: early })).rejects.toThrow('Tags are kept since');
    const late = { from: new Date(RECORDS_AROUND + QUARTER_MS), to, timeZone: 'UTC' };
    expect((await reports.report({ ...query, range: late })).groups).not.toEqual([]);
    await dataSource.query('delete from usage_retention');
  });

  it('do not read the ledger, but for tags', async () => {
    const range = { from: new Date(RECORDS_AROUND - 2e8), to: new Date(RECORDS_AROUND + 2e8), timeZone: 'UTC' };
    for (const groupBy of DIMENSIONS.map((dimension) => [dimension])) {
      const { text, parameters } = buildReport({ range, groupBy, filters: NOBODY, limit: 10, after: null });
      const plan = await dataSource.query<Record<string, string>[]>(`explain ${text}`, parameters);
      const lines = plan.map((line) => Object.values(line)[0]).join('\n');
      expect(lines.includes('usage_request') || lines.includes('usage_attempt')).toBe(groupBy[0] === 'tag');
      expect(lines.includes('usage_rollup')).toBe(groupBy[0] !== 'tag');
    }
  });
});
