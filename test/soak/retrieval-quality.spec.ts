import { describe, expect, it } from '@jest/globals';
import { findCollections } from '../../scripts/eval/find-collections.js';
import { measureCollection } from '../../scripts/eval/measure-collection.js';
import { findShortfalls } from '../../scripts/eval/quality-floors.js';
import { renderTables } from '../../scripts/eval/render-tables.js';
import { ApiClient } from '../../scripts/support/api-client.js';
import { runsOnServer } from '../support/database.js';
import { startTestApp } from '../support/test-app.js';
import { findTestCollection } from '../support/test-collections.js';

const NAMES = ['anthropic-docs', 'chunkspans', 'scifact', 'xquad/en', 'xquad/es'];

describe.each(NAMES)('the test collection %s', (name) => {
  const folder = findTestCollection(name);

  (folder ? it : it.skip)('is answered as well as it must be', async () => {
    const [data] = await findCollections(folder ?? '', 'test');
    if (!data) throw new Error('The test collection is empty.');
    const app = await startTestApp();
    try {
      const report = await measureCollection(
        new ApiClient(app.url, app.adminKey),
        { ...data, name },
        {
          modes: ['hybrid', 'lexical', 'dense'],
          limit: Infinity,
          withAnswers: true,
          database: runsOnServer ? 'PostgreSQL' : 'embedded',
          say: () => undefined,
        },
      );
      process.stderr.write(`${renderTables([report])}\n`);
      expect(findShortfalls(report)).toEqual([]);
    } finally {
      await app.close();
    }
  });
});
