import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../../src/config/database-config.js';
import { SystemClock } from '../../src/core/clock.js';
import { Housekeeping } from '../../src/core/housekeeping.js';
import { LiveInstances } from '../../src/core/live-instances.js';
import { InstanceHeartbeatService } from '../../src/database/instance-heartbeat.service.js';
import { checkLedger, checkSums } from '../../src/usage/ledger/check-ledger.js';
import { DeadLetters } from '../../src/usage/ledger/dead-letters.js';
import { type LedgerEntry, toFinalEntry, toLine, toOpeningEntry } from '../../src/usage/ledger/ledger-entry.js';
import { LedgerReplay } from '../../src/usage/ledger/ledger-replay.service.js';
import { LedgerRetention } from '../../src/usage/ledger/ledger-retention.service.js';
import type { LedgerStore } from '../../src/usage/ledger/ledger-store.js';
import { LedgerSweeper } from '../../src/usage/ledger/ledger-sweeper.service.js';
import { describeOwner } from '../../src/usage/ledger/log-owner.js';
import { segmentName } from '../../src/usage/ledger/segment-name.js';
import type { PriceBook } from '../../src/usage/pricing/price-book.js';
import { LedgerDatabase } from '../support/ledger-database.js';
import { ledgerOpening, ledgerRecord } from '../support/ledger-parts.js';

Logger.overrideLogger(false);

const DEAD = 'inst_DEAD';
const PERIOD = '2026-01-01T00:00:00.000Z';

let ledger: LedgerDatabase;
let dataSource: DataSource;
let store: LedgerStore;
let heartbeat: InstanceHeartbeatService;
let dataDir: string;

beforeAll(async () => {
  ledger = await LedgerDatabase.open();
  ({ dataSource, store } = ledger);
  const clock = new SystemClock();
  const housekeeping = new Housekeeping(clock, true);
  heartbeat = new InstanceHeartbeatService(dataSource, ledger.connection, clock, new LiveInstances(), housekeeping);
  await heartbeat.onModuleInit();
});

afterAll(async () => {
  await heartbeat.beforeApplicationShutdown();
  await ledger.close();
});

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'trunkline-recovery-'));
  mkdirSync(join(dataDir, 'ledger'));
});

afterEach(async () => {
  rmSync(dataDir, { recursive: true, force: true });
  expect(await checkLedger((sql) => dataSource.query(sql), { atRest: true })).toEqual([]);
  await dataSource.query('delete from usage_charge');
  await dataSource.query('delete from usage_attempt');
  await dataSource.query('delete from usage_request');
  await dataSource.query('delete from usage_rollup');
  await dataSource.query('delete from budget');
});

function sweeper(): LedgerSweeper {
  const config = { dataDir } as DatabaseConfig;
  const prices = { costOf: (_provider: string, _model: string, { input }: { input: number }) => String(input / 1e6) };
  const replay = new LedgerReplay(config, store, prices as unknown as PriceBook, new DeadLetters(config));
  return new LedgerSweeper(replay, store, heartbeat, ledger.connection, new SystemClock());
}

type Owner = 'gone' | 'runs' | 'elsewhere';

/** A write-ahead file as a process left it. */
function leave(instance: string, owner: Owner, lines: readonly string[], sequence = 1): void {
  const said = JSON.parse(describeOwner(instance)) as object;
  const first = {
    ...said,
    ...(owner === 'gone' ? { pid: 2 ** 22 + 1 } : {}),
    ...(owner === 'elsewhere' ? { host: `not-${hostname()}` } : {}),
  };
  writeFileSync(
    join(dataDir, 'ledger', segmentName(instance, sequence)),
    `${JSON.stringify(first)}\n${lines.join('')}`,
  );
}

const opened = (id: string, instance = DEAD): LedgerEntry => toOpeningEntry(ledgerOpening(id), instance);
const ended = (id: string, instance = DEAD): LedgerEntry => toFinalEntry(ledgerRecord(id), instance);
const files = (): string[] => readdirSync(join(dataDir, 'ledger')).sort();
const statuses = async (): Promise<string[]> => {
  const rows: { id: string; status: string }[] = await dataSource.query(
    'select id, status from usage_request order by id',
  );
  return rows.map(({ id, status }) => `${id} ${status}`);
};

describe('the recovery of the ledger', () => {
  it('writes what the files of a dead process hold, however often, and takes a torn line for none', async () => {
    const lines = [opened('a'), opened('b'), ended('a'), opened('c')].map(toLine);
    leave(DEAD, 'gone', lines);
    leave(DEAD, 'gone', [toLine(ended('c')), toLine(ended('d')).slice(0, 80)], 2);
    // Some of it was in the database already.
    await store.open([opened('b')]);
    await store.settle([ended('a')], DEAD);
    await Promise.all([sweeper().sweep(), sweeper().sweep()]);
    expect(await statuses()).toEqual(['a succeeded', 'b abandoned', 'c succeeded']);
    expect(files()).toEqual([]);
    expect(await store.find('proj_default', 'req_b')).toMatchObject({
      request: { costUsd: '0.0000400000', usage: { input: 40, output: 0, estimated: true } },
      attempts: [{ outcome: 'abandoned', costUsd: '0.0000400000' }],
    });
  });

  it('leaves a living process alone, wherever it runs', async () => {
    await dataSource.query('insert into instance (id) values ($1)', ['inst_OTHERHOST']);
    await store.open([opened('a', 'inst_OTHERHOST')]);
    leave('inst_OTHERHOST', 'elsewhere', [toLine(opened('a', 'inst_OTHERHOST'))]);
    // Cut off from the database for long, and still there.
    leave('inst_CUTOFF', 'runs', [toLine(opened('b', 'inst_CUTOFF'))]);
    await sweeper().sweep();
    expect(await statuses()).toEqual(['a open']);
    expect(files()).toHaveLength(2);

    await dataSource.query(
      `update instance set heartbeat_at = now() - interval '31 seconds' where id = 'inst_OTHERHOST'`,
    );
    await sweeper().sweep();
    expect(await statuses()).toEqual(['a abandoned']);
    expect(files()).toEqual([segmentName('inst_CUTOFF', 1)]);
  });

  it('leaves a process alone that begins while it looks for dead ones', async () => {
    const born = { isBorn: false };
    const thenOneBegins = <T>(ask: () => Promise<T>) => {
      return async (): Promise<T> => {
        const answer = await ask();
        if (born.isBorn) return answer;
        born.isBorn = true;
        await dataSource.query('insert into instance (id) values ($1)', ['inst_NEW']);
        await store.open([opened('a', 'inst_NEW')]);
        return answer;
      };
    };
    const [liveIds, instances] = [heartbeat.liveIds.bind(heartbeat), store.instances.bind(store)];
    const spies = [
      jest.spyOn(heartbeat, 'liveIds').mockImplementation(thenOneBegins(liveIds)),
      jest.spyOn(store, 'instances').mockImplementation(thenOneBegins(instances)),
    ];
    await sweeper().sweep();
    expect(await statuses()).toEqual(['a open']);
    for (const spy of spies) spy.mockRestore();
    await store.settle([ended('a', 'inst_NEW')], 'inst_NEW');
    await store.forget('inst_NEW');
  });

  it('gives back all that a dead process held of a budget, and charges what it left open', async () => {
    await dataSource.query(
      `insert into budget (id, project_id, budget_window, amount_usd, time_zone) values ('bud_1', 'proj_default', 'month', 9, 'UTC')`,
    );
    await dataSource.query(
      `insert into budget_period (budget_id, period_start, reserved_usd) values ('bud_1', $1, 3)`,
      [PERIOD],
    );
    await dataSource.query(`insert into budget_hold values ($1, 'bud_1', $2, 3)`, [DEAD, PERIOD]);
    const holds = [{ budgetId: 'bud_1', periodStart: PERIOD, reservedUsd: '0.5' }];
    await store.open([toOpeningEntry(ledgerOpening('a', { holds }), DEAD)]);
    // As a copy of a database shows it in which nobody is alive.
    expect(await checkSums((sql) => dataSource.query(sql))).toEqual([]);
    leave(DEAD, 'gone', [toLine(toOpeningEntry(ledgerOpening('b', { holds }), DEAD))]);
    await Promise.all([sweeper().sweep(), sweeper().sweep()]);
    const [period]: unknown[] = await dataSource.query(
      'select spent_usd::float as spent, reserved_usd::float as reserved, overage_usd::float as overage from budget_period',
    );
    expect(period).toEqual({ spent: 1, reserved: 0, overage: 0 });
    expect(await statuses()).toEqual(['a abandoned', 'b abandoned']);
  });

  it('keeps aside what the database will never take', async () => {
    const refused = toFinalEntry(ledgerRecord('z', { projectId: 'proj_none' }), DEAD);
    leave(DEAD, 'gone', [toLine(refused), toLine(ended('a'))]);
    await sweeper().sweep();
    expect(await statuses()).toEqual(['a succeeded']);
    expect(files()).toEqual(['rejected.jsonl']);
    expect(readFileSync(join(dataDir, 'ledger', 'rejected.jsonl'), 'utf8')).toBe(toLine(refused));
  });
});

describe('retention', () => {
  it('deletes what is old, in pieces, and leaves what proves the budgets and the reports', async () => {
    await dataSource.query(
      `insert into budget (id, project_id, budget_window, amount_usd, time_zone) values ('bud_2', 'proj_default', 'total', 9, 'UTC')`,
    );
    await dataSource.query(`insert into budget_period (budget_id, period_start) values ('bud_2', $1)`, [PERIOD]);
    const charges = [{ budgetId: 'bud_2', periodStart: PERIOD, reservedUsd: '0', spentUsd: '0.001' }];
    const days = (count: number): Date => new Date(Date.now() - count * 86_400_000);
    const old = Array.from({ length: 1_100 }, (_, index) =>
      ledgerRecord(`old-${String(index)}`, { charges, startedAt: days(50) }),
    );
    await store.settle(
      [...old, ledgerRecord('young', { charges, startedAt: days(30) })].map((record) => toFinalEntry(record, DEAD)),
      DEAD,
    );
    const clock = new SystemClock();
    const housekeeping = new Housekeeping(clock, true);
    const retention = new LedgerRetention(dataSource, { retentionDays: 40 }, clock, housekeeping);
    const deleted = await Promise.all([retention.deleteOld(), retention.deleteOld()]);
    expect(deleted.reduce((left, right) => left + right)).toBe(1_100);
    expect(await statuses()).toEqual(['young succeeded']);
    const [reported]: unknown[] = await dataSource.query(
      `select sum(succeeded)::int as requests from usage_rollup where grain = 'day'`,
    );
    expect(reported).toEqual({ requests: 1_101 });
    expect(await checkLedger((sql) => dataSource.query(sql), { atRest: true })).toEqual([]);
    // What is lost after that shows.
    await dataSource.query(`delete from usage_charge where usage_request_id = 'young'`);
    await dataSource.query(
      `update usage_rollup set succeeded = succeeded + 1 where starts_at > now() - interval '35 days'`,
    );
    await dataSource.query(`delete from usage_attempt where usage_request_id = 'young' and n = 2`);
    const problems = await checkLedger((sql) => dataSource.query(sql), { atRest: true });
    expect(problems.map(({ rule }) => rule)).toEqual([
      'A request has the tokens and the cost of its attempts.',
      'What a budget spent is the sum of what requests took from it.',
      'The roll-up is the sum of the ledger.',
    ]);
    await dataSource.query('update usage_retention set deleted_before = now()');
    await dataSource.query('delete from usage_charge_archive');
    await dataSource.query('delete from usage_attempt');
    await dataSource.query('delete from usage_request');
    await dataSource.query('delete from budget');
  });
});
