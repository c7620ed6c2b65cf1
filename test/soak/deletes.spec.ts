import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deleteMany } from '../support/delete-many.js';
import { IngestionApp } from '../support/ingestion-app.js';

const DOCUMENTS = 10_000;
const LONG_MS = 1_200_000;

let bench: IngestionApp;

beforeAll(async () => {
  bench = await IngestionApp.start();
}, LONG_MS);

afterAll(() => bench.close(), LONG_MS);

it(
  `R14 leaves nothing of ${String(DOCUMENTS)} documents that are deleted one by one`,
  async () => {
    const { stored, left } = await deleteMany(bench, DOCUMENTS);
    expect(stored).toEqual(Object.fromEntries(Object.keys(stored).map((table) => [table, DOCUMENTS])));
    expect(left).toEqual(Object.fromEntries(Object.keys(left).map((table) => [table, 0])));
  },
  LONG_MS,
);
