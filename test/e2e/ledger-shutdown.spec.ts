import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { LedgerWriter } from '../../src/usage/ledger/ledger-writer.service.js';
import { createTestSchema, dropTestSchema, type TestDatabase, withClient } from '../support/database.js';
import { ledgerRecord } from '../support/ledger-parts.js';
import { startTestApp } from '../support/test-app.js';

describe('a clean stop', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestSchema();
  });

  afterAll(() => dropTestSchema(database));

  it('writes the calls that end only when their connections are closed, while there is a database', async () => {
    const app = await startTestApp({ database });
    const writer = app.nest.get(LedgerWriter);
    const flush = writer.onApplicationShutdown.bind(writer);
    jest.spyOn(writer, 'onApplicationShutdown').mockImplementation(() => {
      writer.record(ledgerRecord('late'));
      return flush();
    });
    await app.close();
    const rows = await withClient(database, async (client) => {
      const found = await client.query<{ id: string; status: string }>('select id, status from usage_request');
      return found.rows;
    });
    expect(rows).toEqual([{ id: 'late', status: 'succeeded' }]);
  });
});
