import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DataSource } from 'typeorm';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../support/database.js';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));

type EntityClass = new () => object;

async function loadEntities(): Promise<EntityClass[]> {
  const paths = globSync('**/*.entity.ts', { cwd: SOURCES });
  const modules = await Promise.all(
    paths.map((path) => import(`${SOURCES}/${path}`) as Promise<Record<string, unknown>>),
  );
  return modules
    .flatMap((module) => Object.values(module))
    .filter((value): value is EntityClass => typeof value === 'function' && value.name.endsWith('Entity'));
}

describe('migrations and entities', () => {
  let database: TestDatabase;
  let connection: DatabaseConnection;
  let dataSource: DataSource;
  let entities: EntityClass[];

  beforeAll(async () => {
    entities = await loadEntities();
    database = await createTestSchema();
    connection = await DatabaseConnection.open(database);
    await (await createDataSource(connection, dataSourceOptions(connection))).destroy();
    // Opened anew, because TypeORM asks only once which schema it is in, and the first time there was none yet.
    dataSource = await new DataSource({ ...dataSourceOptions(connection), entities }).initialize();
  });

  afterAll(async () => {
    await dataSource.destroy();
    await connection.close();
    await dropTestSchema(database);
  });

  it('finds the entities', () => {
    expect(entities.length).toBeGreaterThanOrEqual(4);
    expect(dataSource.entityMetadatas.map(({ tableName }) => tableName)).toContain('job');
  });

  it('describe the same tables', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('would be told apart if a column were missing', async () => {
    await dataSource.query('alter table job drop column error_message');
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toContainEqual(expect.stringContaining('ADD "error_message" text'));
  });
});
