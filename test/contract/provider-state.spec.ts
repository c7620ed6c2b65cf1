import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { ProviderStateStore } from '../../src/chat/provider-state/provider-state-store.js';
import type { ToolCallState } from '../../src/chat/provider-state/tool-call-state.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../support/database.js';

describe(ProviderStateStore.name, () => {
  let database: TestDatabase;
  let connection: DatabaseConnection;
  let dataSource: DataSource;
  let store: ProviderStateStore;

  beforeAll(async () => {
    database = await createTestSchema();
    connection = await DatabaseConnection.open(database);
    dataSource = await createDataSource(connection, dataSourceOptions(connection));
    store = new ProviderStateStore(dataSource);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await connection.close();
    await dropTestSchema(database);
  });

  function state(text: string): ToolCallState {
    return { name: 'f', thoughts: [{ text, signature: 's', signedBy: 'anthropic', afterText: false }] };
  }

  it('gives a project its own states back, the last of each', async () => {
    const odd = state('\0 \ud800 "ü" 🚲');
    await store.save([
      { projectId: 'p1', callId: 'a', state: state('old') },
      { projectId: 'p1', callId: 'b', state: odd },
      { projectId: 'p2', callId: 'a', state: state('foreign') },
    ]);
    await store.save([{ projectId: 'p1', callId: 'a', state: state('new') }]);
    expect(await store.find('p1', ['a', 'b', 'c'])).toEqual(
      new Map([
        ['a', state('new')],
        ['b', odd],
      ]),
    );
  });

  it('gives and keeps nothing that has expired', async () => {
    await store.save([{ projectId: 'p3', callId: 'a', state: state('x') }]);
    await dataSource.query(`update provider_state set expires_at = now() where project_id = 'p3'`);
    expect(await store.find('p3', ['a'])).toEqual(new Map());
    await store.deleteExpired();
    const rows: object[] = await dataSource.query(`select 1 from provider_state where project_id = 'p3'`);
    expect(rows).toEqual([]);
    expect((await store.find('p1', ['b'])).size).toBe(1);
  });

  it('keeps the newest when there are too many', async () => {
    await dataSource.query(
      `insert into provider_state (project_id, call_id, state, expires_at)
       select 'p4', n::text, '{}', now() + make_interval(secs => n) from generate_series(1, 100010) as n`,
    );
    await store.deleteExpired();
    const counted: { kept: number; oldest: number }[] = await dataSource.query(
      `select count(*)::int as kept, (select min(call_id::int) from provider_state where project_id = 'p4') as oldest
       from provider_state`,
    );
    expect(counted[0]?.kept).toBe(100_000);
    expect(counted[0]?.oldest).toBeGreaterThan(1);
  });
});
