import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { embedLexically } from '../../src/providers/adapters/local/embed-lexically.js';
import type { ChunkPublisher } from '../../src/rag/indexing/chunk-publisher.js';
import { toVectorText } from '../../src/rag/store/chunk-rows.js';
import { deleteDocument, discardChunks } from '../../src/rag/store/delete-document.js';
import { searchDensely } from '../../src/rag/store/dense-search.js';
import { runsOnServer } from '../support/database.js';
import { KnowledgeStore, PROJECT, type Prepared } from '../support/knowledge-store.js';

describe('knowledge that several write at once', () => {
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
  const statistics: KnowledgeStore['statistics'] = (...args) => store.statistics(...args);
  const countRows: KnowledgeStore['countRows'] = (...args) => store.countRows(...args);

  it('keeps a document that was deleted and made anew from the job of the one before', async () => {
    const scope = await makeCollection();
    await dataSource.query(
      `insert into job (id, kind, project_id, status, payload, attempt)
       select unnest(array['job_old', 'job_new']), 'index', $1, 'running', '{}', 1`,
      [PROJECT],
    );
    const make = async (job: string, text: string): Promise<Prepared> => {
      const { version, ...rest } = await prepare(scope, 'anew', 1, [text]);
      await dataSource.query(`update document_version set job_id = $1 where document_id = 'anew'`, [job]);
      return { ...rest, version: { ...version, attempt: { id: job, attempt: 1 } } };
    };
    const before = await make('job_old', 'Words of old.');
    await dataSource.transaction((manager) => deleteDocument(manager, PROJECT, 'anew'));
    const after = await make('job_new', 'Words of new.');
    expect(await publisher.stage(before.version, before.drafts)).toBe('gone');
    expect(await publisher.stage(after.version, after.drafts)).toBe('published');
    await dataSource.transaction((manager) => discardChunks(manager, before.version, 'job_old'));
    expect(await countRows(scope)).toEqual([1, 1, 1]);
    // In one group, too, each is told apart.
    expect(await Promise.all([publisher.publish(before), publisher.publish(after)])).toEqual(['gone', 'published']);
    expect((await statistics(scope)).terms).toEqual({ new: 1, word: 1 });
  });

  (runsOnServer ? it : it.skip)('lets a document be deleted while its job is cancelled (two connections)', async () => {
    const scope = await makeCollection();
    const { version, drafts } = await prepare(scope, 'both', 1, ['Text that goes.']);
    await publisher.stage(version, drafts);
    let cancelled: Promise<unknown> = Promise.resolve();
    await dataSource.transaction(async (manager) => {
      // As far as a deletion has come when the other one begins.
      await manager.query(`select 1 from document where project_id = $1 and id = 'both' for update`, [PROJECT]);
      await manager.query(`delete from chunk_embedding where document_id = 'both'`);
      cancelled = dataSource.transaction((other) => discardChunks(other, version, null));
      for (let waiting = 0; waiting === 0;) {
        const [row] = await manager.query<{ n: number }[]>(
          `select count(*)::int as n from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`,
        );
        waiting = row?.n ?? 0;
      }
      expect(await deleteDocument(manager, PROJECT, 'both')).toBe(true);
    });
    await cancelled;
    expect(await countRows(scope)).toEqual([0, 0, 0]);
  });

  it('R12 takes the zero vector, which is like nothing, in documents and in questions', async () => {
    const scope = await makeCollection();
    const { version, drafts, chunkCount } = await prepare(scope, 'zero', 1, ['Nothing.', 'Herons wait.']);
    const zero = toVectorText(new Float32Array(384));
    const withZero = drafts.map((draft, place) => (place === 0 ? { ...draft, embedding: zero } : draft));
    expect(await publisher.publish({ version, drafts: withZero, chunkCount })).toBe('published');
    const near = await searchDensely(dataSource, scope, embedLexically('herons wait'), 5);
    expect(near.map(({ chunkId }) => chunkId)).toEqual([drafts[1]?.id, drafts[0]?.id]);
    expect(near[1]?.score).toBeCloseTo(0);
    const asked = await searchDensely(dataSource, scope, new Float32Array(384), 5);
    expect(asked.map(({ score }) => Math.abs(score))).toEqual([0, 0]);
  });
});
