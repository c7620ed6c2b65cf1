import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Ids, makeOneOfEach } from '../support/openapi/one-of-each.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const ROUNDS = 1_000;
const MOST_DIFFERENCE_MS = 1;

describe('X07 the time of an answer', () => {
  let app: TestApp;
  let ids: Ids;
  let stranger: string;
  let unscoped: string;

  beforeAll(async () => {
    app = await startTestApp({ env: { TRUNKLINE_SECRET: 'a secret of the tests, long enough for it' } });
    ids = await makeOneOfEach(app, await app.createKey({ project: 'owner' }), 'timed', 'timed-notes');
    stranger = await app.createKey({ project: 'stranger' });
    unscoped = await app.createKey({ scopes: ['usage'] });
  });

  afterAll(() => app.close());

  it.each(['conversations', 'responses', 'files', 'batches', 'collections', 'documents', 'webhooks'])(
    'says of %s neither that there is one nor whose it is',
    async (kind) => {
      const id = ids[kind] ?? '';
      const asks = {
        foreign: { path: `/v1/${kind}/${id}`, key: stranger },
        nobodys: { path: `/v1/${kind}/${id.slice(0, -3)}ZZZ`, key: stranger },
        forbidden: { path: `/v1/${kind}/${id}`, key: unscoped },
      };
      const times: Record<string, number[]> = {};
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const [name, { path, key }] of Object.entries(asks)) {
          const startedAt = performance.now();
          const response = await app.get(path, { key });
          await response.text();
          (times[name] ??= []).push(performance.now() - startedAt);
          expect([name, response.status]).toEqual([name, name === 'forbidden' ? 403 : 404]);
        }
      }
      const medians = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, medianOf(values)]));
      process.stdout.write(`X07 medians of ${kind} in ms: ${JSON.stringify(medians)}\n`);
      const { foreign = NaN, nobodys = NaN } = medians;
      expect(Math.abs(foreign - nobodys)).toBeLessThan(MOST_DIFFERENCE_MS);
    },
  );
});

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? NaN;
}
