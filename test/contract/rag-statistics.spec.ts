import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { SystemClock } from '../../src/core/clock.js';
import { embedLexically } from '../../src/providers/adapters/local/embed-lexically.js';
import { ChunkPublisher } from '../../src/rag/indexing/chunk-publisher.js';
import { deleteCollection, deleteDocument, discardChunks } from '../../src/rag/store/delete-document.js';
import { searchDensely } from '../../src/rag/store/dense-search.js';
import { analyseQuery } from '../../src/rag/store/lexical-search.js';
import { KnowledgeStore, PROJECT } from '../support/knowledge-store.js';

describe('knowledge store', () => {
  let store: KnowledgeStore;
  let dataSource: DataSource;
  let publisher: ChunkPublisher;

  beforeAll(async () => {
    store = await KnowledgeStore.open();
    ({ dataSource, publisher } = store);
  }, 120_000);

  afterAll(() => store.close());

  const makeCollection: KnowledgeStore['makeCollection'] = (...args) => store.makeCollection(...args);
  const prepare: KnowledgeStore['prepare'] = (...args) => store.prepare(...args);
  const index: KnowledgeStore['index'] = (...args) => store.index(...args);
  const statistics: KnowledgeStore['statistics'] = (...args) => store.statistics(...args);
  const find: KnowledgeStore['find'] = (...args) => store.find(...args);
  const countRows: KnowledgeStore['countRows'] = (...args) => store.countRows(...args);

  it('counts what it indexes, finds it by words and vectors, and forgets it again', async () => {
    const scope = await makeCollection();
    await index(scope, 'a', 1, ['Trunk lines join switchboards.', 'A trunk costs money.']);
    await index(scope, 'b', 1, ['Money grows on trees.']);
    expect(await statistics(scope)).toEqual({
      terms: { cost: 1, grow: 1, join: 1, line: 1, money: 2, switchboard: 1, tree: 1, trunk: 2 },
      n: 3,
      length: 10,
    });
    const [best] = await find(scope, 'What do the switchboards join?');
    const [near] = await searchDensely(dataSource, scope, embedLexically('switchboards'), 1);
    expect(near?.chunkId).toBe(best);
    for (const id of ['a', 'b']) {
      expect(await dataSource.transaction((manager) => deleteDocument(manager, PROJECT, id))).toBe(true);
    }
    expect(await statistics(scope)).toEqual({ terms: {}, n: 0, length: 0 });
    expect(await countRows(scope)).toEqual([0, 0, 0]);
    expect(await find(scope, 'switchboards')).toEqual([]);
    expect(await dataSource.transaction((manager) => deleteDocument(manager, PROJECT, 'a'))).toBe(false);
  });

  it('shows a new version at once and whole, and the old one until then', async () => {
    const scope = await makeCollection();
    await index(scope, 'v', 1, ['Old words about apples.']);
    const next = await prepare(scope, 'v', 2, ['Fresh words about pears.', 'More about pears.']);
    expect(await publisher.stage(next.version, next.drafts.slice(0, 1))).toBe('published');
    expect(await find(scope, 'apples')).toHaveLength(1);
    expect(await find(scope, 'pears')).toEqual([]);
    expect(await searchDensely(dataSource, scope, embedLexically('pears'), 5)).toHaveLength(1);
    expect(await publisher.publish({ ...next, drafts: next.drafts.slice(1) })).toBe('published');
    expect(await find(scope, 'apples')).toEqual([]);
    expect(await find(scope, 'pears')).toHaveLength(2);
    expect(await countRows(scope)).toEqual([2, 2, 2]);
    expect((await statistics(scope)).terms).toEqual({ fresh: 1, pear: 2, word: 1 });
  });

  it('does not let an older version replace a newer one, or a deleted document come back', async () => {
    const scope = await makeCollection();
    const first = await prepare(scope, 'w', 1, ['First text here.']);
    const second = await prepare(scope, 'w', 2, ['Second text here.']);
    expect(await publisher.publish(second)).toBe('published');
    expect(await publisher.publish(first)).toBe('gone');
    const third = await prepare(scope, 'w', 3, ['Third text here.']);
    await dataSource.transaction((manager) => deleteDocument(manager, PROJECT, 'w'));
    expect(await publisher.publish(third)).toBe('gone');
    expect(await publisher.stage(third.version, third.drafts)).toBe('gone');
    expect(await countRows(scope)).toEqual([0, 0, 0]);
  });

  it('publishes only the newest of several versions that are ready at the same time', async () => {
    const scope = await makeCollection();
    const versions = [];
    for (const version of [1, 3, 2])
      versions.push(await prepare(scope, 'm', version, [`Only version${String(version)} stays.`]));
    const outcomes = await Promise.all(versions.map((version) => publisher.publish(version)));
    expect(outcomes).toEqual(['superseded', 'published', 'superseded']);
    expect(await statistics(scope)).toEqual({ terms: { stay: 1, version3: 1 }, n: 1, length: 2 });
    expect(await countRows(scope)).toEqual([1, 1, 1]);
  });

  it('shows no version of which chunks are missing, and one that was stored in parts when it is whole', async () => {
    const scope = await makeCollection();
    const { version, drafts, chunkCount } = await prepare(scope, 'parts', 1, [
      'One part.',
      'Two parts.',
      'Three parts.',
    ]);
    await publisher.stage(version, drafts.slice(0, 1));
    await expect(publisher.publish({ version, drafts: drafts.slice(1, 2), chunkCount })).rejects.toThrow('missing');
    expect(await find(scope, 'parts')).toEqual([]);
    expect(await publisher.publish({ version, drafts: drafts.slice(1), chunkCount })).toBe('published');
    expect(await countRows(scope)).toEqual([3, 3, 3]);
  });

  it('takes nothing from an attempt that is over, or that was embedded for another generation', async () => {
    const scope = await makeCollection();
    const { version, drafts, chunkCount } = await prepare(scope, 'fenced', 1, ['Fenced text here.']);
    await dataSource.query(
      `insert into job (id, kind, project_id, status, payload, attempt) values ('job_fence', 'index', $1, 'running', '{}', 2)`,
      [PROJECT],
    );
    await dataSource.query(`update document_version set job_id = 'job_fence' where document_id = 'fenced'`);
    for (const [change, outcome] of [
      [{ attempt: { id: 'job_fence', attempt: 1 } }, 'stopped'],
      [{ attempt: { id: 'job_none', attempt: 1 } }, 'stopped'],
      [{ generation: 1 }, 'outdated'],
    ] as const) {
      expect(await publisher.stage({ ...version, ...change }, drafts)).toBe(outcome);
      expect(await publisher.publish({ version: { ...version, ...change }, drafts, chunkCount })).toBe(outcome);
    }
    expect(await countRows(scope)).toEqual([0, 0, 0]);
    const held = { ...version, attempt: { id: 'job_fence', attempt: 2 } };
    expect(await publisher.publish({ version: held, drafts, chunkCount })).toBe('published');
  });

  it('keeps the chunks of a version that is visible already when its job is cancelled too late', async () => {
    const scope = await makeCollection();
    await index(scope, 'late', 1, ['Visible text here.']);
    await dataSource.transaction((manager) =>
      discardChunks(manager, { ...scope, documentId: 'late', version: 1 }, null),
    );
    expect(await countRows(scope)).toEqual([1, 1, 1]);
    const next = await prepare(scope, 'late', 2, ['Text that nobody will see.']);
    await publisher.stage(next.version, next.drafts);
    expect(await countRows(scope)).toEqual([2, 2, 2]);
    await dataSource.transaction((manager) => discardChunks(manager, next.version, null));
    expect(await countRows(scope)).toEqual([1, 1, 1]);
  });

  it('counts right when many documents are written at the same time', async () => {
    const scope = await makeCollection();
    const ids = Array.from({ length: 40 }, (_, index) => `p${String(index)}`);
    const prepared = [];
    for (const id of ids) prepared.push(await prepare(scope, id, 1, [`Shared word ${id}.`]));
    const others = new ChunkPublisher(dataSource, new SystemClock());
    const outcomes = await Promise.all(prepared.map((item, at) => (at % 2 === 0 ? publisher : others).publish(item)));
    expect(new Set(outcomes)).toEqual(new Set(['published']));
    const { terms, n } = await statistics(scope);
    expect(n).toBe(40);
    expect(terms.word).toBe(40);
  });

  it('writes the other documents of a group when one of them cannot be written', async () => {
    const scope = await makeCollection();
    const good = await prepare(scope, 'good', 1, ['Good text here.']);
    const bad = await prepare(scope, 'bad', 1, ['Bad text here.']);
    for (const draft of bad.drafts) draft.searchConfig = 'no_such_configuration';
    const outcomes = await Promise.allSettled([publisher.publish(bad), publisher.publish(good)]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'fulfilled']);
    expect(await find(scope, 'good')).toHaveLength(1);
  });

  it('keeps collections apart, in results and in statistics', async () => {
    const [one, two] = [await makeCollection(), await makeCollection()];
    await index(one, 'one', 1, ['Secret plans of project one.']);
    await index(two, 'two', 1, ['Public plans.']);
    expect(await find(two, 'secret plans')).toEqual([expect.stringMatching(/^chunk_/)]);
    expect((await analyseQuery(dataSource, two, ['secret'])).terms).toEqual([]);
    expect(await find({ ...one, projectId: 'proj_other' }, 'secret')).toEqual([]);
    expect(await dataSource.transaction((manager) => deleteCollection(manager, PROJECT, one.collectionId))).toBe(true);
    expect(await statistics(one)).toEqual({ terms: {}, n: 0, length: 0 });
    expect(await find(two, 'public')).toHaveLength(1);
  });

  it.each([
    "it's",
    String.raw`c:\temp\x`,
    '%_%',
    "'; drop table chunk; --",
    ':*',
    '& | !',
    '\u{1F600}',
    'a'.repeat(4_000),
  ])('bears any query: %s', async (query) => {
    const scope = await makeCollection();
    await index(scope, `q-${scope.collectionId}`, 1, [
      `It's in c:\\temp\\x, and drop table is text. ${query.slice(0, 50)}`,
    ]);
    expect(Array.isArray(await find(scope, query))).toBe(true);
  });
});
