import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { CollectionEntity } from '../../src/rag/collections/collection.entity.js';
import { parseFilter } from '../../src/rag/retrieval/filter/parse-filter.js';
import { searchByIndex, searchDensely } from '../../src/rag/store/dense-search.js';
import { findDocuments } from '../../src/rag/store/search-scope.js';
import { createIndexSql, indexOf } from '../../src/rag/store/vector-index.js';
import { stateOfIndex } from '../../src/rag/store/vector-index-state.js';
import { runsOnServer, withClient } from '../support/database.js';
import { KnowledgeBench, type BenchDocument } from '../support/knowledge-bench.js';
import { seededRandom } from '../support/soak-seed.js';

Logger.overrideLogger(false);

const DOCUMENTS: BenchDocument[] = [
  {
    id: 'robin',
    chunks: ['The robin sings in winter gardens. ', 'Robins eat worms and berries. ', 'A robin nests in spring. '],
    source: 'birds/robin.md',
    title: 'Robin',
    language: 'en',
    metadata: { topic: 'birds', weight: 18, tags: ['garden', 'song'], seen: { place: 'park' }, 'a.b': 'dotted' },
    createdAt: '2026-01-10T12:00:00.123456Z',
  },
  {
    id: 'eagle',
    chunks: ['The eagle hunts over mountains and eats fish and hares. '],
    source: 'birds/eagle.md',
    language: 'en',
    metadata: { topic: 'birds', weight: 5_000, tags: [], endangered: true },
    createdAt: '2026-02-01T00:00:00Z',
  },
  {
    id: 'pike',
    chunks: ['The pike is a fish that eats other fish in lakes. '],
    source: 'fish/pike.md',
    title: 'Pike',
    language: 'de',
    metadata: { topic: 'fish', weight: '9000', endangered: null },
    createdAt: '2026-03-01T00:00:00Z',
  },
];

describe('retrieval on the database', () => {
  let bench: KnowledgeBench;
  let animals: CollectionEntity;

  beforeAll(async () => {
    bench = await KnowledgeBench.open();
    animals = await bench.fill(DOCUMENTS);
  }, 120_000);

  afterAll(async () => {
    await bench.close();
  });

  async function idsOf(filter: object): Promise<string[]> {
    const scope = await findDocuments(bench.dataSource, bench.scopeOf(animals), parseFilter(filter));
    return scope.kind === 'few' ? [...scope.ids].sort() : [scope.kind];
  }

  it.each<[string, object, string[]]>([
    ['eq', { eq: ['metadata.topic', 'birds'] }, ['eagle', 'robin']],
    ['eq of a list in metadata', { eq: ['metadata.tags', 'song'] }, ['robin']],
    ['eq of a number, however it is written', { eq: ['metadata.weight', 18.0] }, ['robin']],
    ['eq that tells numbers from texts', { eq: ['metadata.weight', 9000] }, []],
    ['eq of a truth value', { eq: ['metadata.endangered', true] }, ['eagle']],
    ['eq of null', { eq: ['metadata.endangered', null] }, ['pike']],
    ['eq of a key in a key', { eq: ['metadata.seen.place', 'park'] }, ['robin']],
    ['eq of a key with a dot in it', { eq: ['metadata.a.b', 'dotted'] }, ['robin']],
    ['eq of an object is never true', { eq: ['metadata.seen', 'park'] }, []],
    ['ne, also where the field is missing', { ne: ['metadata.endangered', true] }, ['pike', 'robin']],
    ['in', { in: ['metadata.topic', ['fish', 'mammals']] }, ['pike']],
    ['gt of numbers only', { gt: ['metadata.weight', 17] }, ['eagle', 'robin']],
    ['gt of texts only', { gt: ['metadata.weight', '0'] }, ['pike']],
    ['lte', { lte: ['metadata.weight', 18] }, ['robin']],
    ['exists', { exists: 'metadata.endangered' }, ['eagle']],
    ['not exists', { not: { exists: 'title' } }, ['eagle']],
    ['exists of a key in a key', { exists: 'metadata.seen.place' }, ['robin']],
    ['source', { in: ['source', ['birds/robin.md', 'fish/pike.md']] }, ['pike', 'robin']],
    ['document_id', { eq: ['document_id', 'eagle'] }, ['eagle']],
    ['title, also where there is none', { ne: ['title', 'Pike'] }, ['eagle', 'robin']],
    ['language', { eq: ['language', 'de'] }, ['pike']],
    ['order of texts', { gte: ['source', 'birds/robin'] }, ['pike', 'robin']],
    ['created_at to the millisecond', { eq: ['created_at', '2026-01-10T12:00:00.123Z'] }, ['robin']],
    [
      'created_at as days',
      { and: [{ gt: ['created_at', '2026-01-31'] }, { lt: ['created_at', '2026-03-01'] }] },
      ['eagle'],
    ],
    ['or', { or: [{ eq: ['title', 'Pike'] }, { eq: ['document_id', 'robin'] }] }, ['pike', 'robin']],
    ['not and not', { not: { not: { eq: ['title', 'Pike'] } } }, ['pike']],
    [
      'not of what is unknown',
      { not: { or: [{ gt: ['metadata.weight', 17] }, { eq: ['metadata.nothing', 1] }] } },
      ['pike'],
    ],
    ['R10 SQL in values and keys', { eq: [`metadata.x'; drop table chunk; --`, `'; drop table chunk; --`] }, []],
  ])('filters by %s', async (_name, filter, expected) => {
    expect(await idsOf(filter)).toEqual(expected);
  });

  it('looks only at what the filter leaves, in every mode', async () => {
    const filter = parseFilter({ eq: ['metadata.topic', 'fish'] });
    for (const mode of ['hybrid', 'lexical', 'dense'] as const) {
      const { hits } = await bench.search(animals, 'who eats fish', { mode, filter });
      expect(hits.map((hit) => hit.documentId)).toEqual(['pike']);
    }
    const { hits } = await bench.search(animals, 'fish', { filter: parseFilter({ eq: ['source', 'nowhere'] }) });
    expect(hits).toEqual([]);
  });

  it('finds under a filter what holds only the commonest words of the query', async () => {
    const many = Array.from({ length: 2_100 }, (_, index) => ({
      id: `m${String(index)}`,
      chunks: [`Common words about lines number${String(index)}. ${index % 2 === 0 ? 'Rarely seen pair.' : ''}`],
      metadata: { half: index % 2 === 0, one: index === 1 },
      vectors: [new Float32Array([1, 0, 0])],
    }));
    const collection = await bench.fill(many);
    const options = { mode: 'lexical', filter: parseFilter({ eq: ['metadata.one', true] }) } as const;
    const { hits } = await bench.search(collection, 'common lines number2 number4', options);
    expect(hits.map((hit) => hit.documentId)).toEqual(['m1']);
    // A filter that leaves many is applied where it is searched, and the candidates of the rarest terms are still found.
    const most = parseFilter({ or: [{ eq: ['metadata.half', true] }, { ne: ['metadata.one', true] }] });
    const scope = await findDocuments(bench.dataSource, bench.scopeOf(collection), most);
    expect(scope.kind).toBe('many');
    const found = await bench.search(collection, 'number2', { mode: 'lexical', filter: most });
    expect(found.hits.map((hit) => hit.documentId)).toEqual(['m2']);
    const none = await bench.search(collection, 'number1', { mode: 'lexical', filter: most });
    expect(none.hits).toEqual([]);
  }, 60_000);

  it('finds similar words when it knows none of the query', async () => {
    const { hits, explanation } = await bench.search(animals, 'mountians', { mode: 'lexical', explain: true });
    expect(hits.map((hit) => hit.documentId)).toEqual(['eagle']);
    expect(explanation?.search.similarTerms).toContain('mountain');
    const known = await bench.search(animals, 'mountians robin', { mode: 'lexical', explain: true });
    expect(known.explanation?.search.similarTerms).toEqual([]);
    expect((await bench.search(animals, 'zzzzqqqq', { mode: 'lexical' })).hits).toEqual([]);
  });

  it('does not take similar words for the words of the query', async () => {
    const { coverage } = await bench.search(animals, 'mountians', { mode: 'lexical', withCoverage: true });
    expect(coverage).toBe(0);
  });

  it('caps the chunks of a document and brings their neighbours along', async () => {
    const options = { maxPerDocument: 1, neighbours: 1 };
    const { hits, neighbours } = await bench.search(animals, 'robin worms', options);
    expect(hits.filter((hit) => hit.documentId === 'robin').map((hit) => hit.id)).toEqual(['robin#1']);
    expect(neighbours.get('robin#1')?.map((chunk) => chunk.id)).toEqual(['robin#0', 'robin#2']);
  });

  it('brings no neighbour twice, and none that is a result', async () => {
    const { hits, neighbours } = await bench.search(animals, 'robin winter worms', { limit: 2, neighbours: 3 });
    const beside = hits.flatMap((hit) => (neighbours.get(hit.id) ?? []).map((chunk) => chunk.id));
    expect(new Set([...beside, ...hits.map((hit) => hit.id)]).size).toBe(beside.length + hits.length);
  });

  it('prefers results that are unlike each other when asked to', async () => {
    const twins = await bench.fill([
      { id: 't1', chunks: ['Trains leave at nine. '], vectors: [new Float32Array([1, 0.1, 0])] },
      { id: 't2', chunks: ['Trains leave at nine. '], vectors: [new Float32Array([1, 0.11, 0])] },
      { id: 't3', chunks: ['Trains and ferries leave in the morning. '], vectors: [new Float32Array([0, 1, 0.5])] },
    ]);
    bench.queryVector = new Float32Array([1, 0.2, 0]);
    const plain = await bench.search(twins, 'trains nine', { limit: 2 });
    const diverse = await bench.search(twins, 'trains nine', { limit: 2, mmr: { lambda: 0.3 } });
    bench.queryVector = null;
    expect(plain.hits.map((hit) => hit.documentId)).toEqual(['t2', 't1']);
    expect(diverse.hits.map((hit) => hit.documentId)).toEqual(['t2', 't3']);
  });

  it('joins the legs as told, and says how', async () => {
    const fusion = { method: 'rrf', denseWeight: 0.5, rankConstant: 10 } as const;
    const { hits, explanation } = await bench.search(animals, 'robin worms', { fusion, explain: true });
    expect(explanation?.search).toMatchObject({ fusion: { method: 'rrf', denseWeight: 0.5 }, denseScan: 'exact' });
    expect(Object.keys(explanation?.search.timingsMs ?? {})).toEqual(
      expect.arrayContaining(['analysis', 'embedding', 'lexical', 'dense', 'fusion', 'loading', 'total']),
    );
    const best = explanation?.hits.get(hits[0]?.id ?? '');
    expect(best).toMatchObject({ matchedTerms: ['robin', 'worm'], ranks: { lexical: 1, dense: 1 }, rerankScore: null });
    expect(best?.fusedScore).toBe(hits[0]?.score);
  });

  it('keeps what the lexical leg found when the vectors of its generation have just gone', async () => {
    const moved = Object.assign(Object.create(animals) as CollectionEntity, { embeddingGeneration: 7 });
    const { hits } = await bench.search(moved, 'robin worms');
    expect(hits[0]?.id).toBe('robin#1');
  });

  it('searches an index under a filter, and finds as many as without one', async () => {
    const random = seededRandom(7);
    const vectorOf = (): Float32Array => Float32Array.from({ length: 16 }, () => random() - 0.5);
    const documents = Array.from({ length: 600 }, (_, index) => ({
      id: `v${String(index)}`,
      chunks: [`Vector ${String(index)}. `],
      metadata: { tenth: index % 10 === 0 },
      vectors: [vectorOf()],
    }));
    const collection = await bench.fill(documents);
    const index = indexOf({ collectionId: collection.id, generation: 0, dimensions: 16 });
    if (!index) throw new Error('There should be an index.');
    await bench.dataSource.query(createIndexSql(index).replace(' concurrently', ''));
    expect(await stateOfIndex(bench.dataSource, index.name)).toBe('ready');
    const filter = parseFilter({ eq: ['metadata.tenth', true] });
    const all = bench.scopeOf(collection);
    const filtered = { ...all, documents: { kind: 'many', filter } as const };
    for (const scope of [all, filtered]) {
      const query = vectorOf();
      const exact = await searchDensely(bench.dataSource, scope, query, 20);
      const found = await searchByIndex(bench.dataSource, scope, query, { index, limit: 20 });
      const known = new Map(exact.map((hit) => [hit.chunkId, hit.score]));
      expect(found).toHaveLength(20);
      expect(found.filter((hit) => known.has(hit.chunkId)).length).toBeGreaterThanOrEqual(18);
      for (const hit of found)
        if (known.has(hit.chunkId)) expect(hit.score).toBeCloseTo(known.get(hit.chunkId) ?? 0, 5);
    }
    const plan = await bench.dataSource.transaction(async (manager) => {
      await manager.query(`set local enable_sort = off`);
      return manager.query<object[]>(
        `explain select chunk_id from chunk_embedding c where collection_id = '${collection.id}' and generation = 0
         order by (c.embedding::vector(16)) <#> array_fill(1, array[16])::vector(16) limit 5`,
      );
    });
    expect(JSON.stringify(plan)).toContain(index.name);
  });

  it('has no indexes of its own on the embedded database, where all vectors are compared', async () => {
    if (runsOnServer) return;
    expect(await bench.indexes.find({ collectionId: animals.id, generation: 0, dimensions: 384 })).toBeNull();
  });

  (runsOnServer ? describe : describe.skip)('its indexes (need TEST_DATABASE_URL)', () => {
    const spaceOf = (
      collection: CollectionEntity,
    ): { collectionId: string; generation: number; dimensions: number } => ({
      collectionId: collection.id,
      generation: collection.embeddingGeneration,
      dimensions: 384,
    });

    it('are built in the background, once, after a build that was cut off too, and unused ones go', async () => {
      const [gone, kept] = [await bench.makeCollection(), await bench.makeCollection()];
      const [stale, wanted] = [indexOf(spaceOf(gone)), indexOf(spaceOf(kept))];
      if (!stale || !wanted) throw new Error('There should be indexes.');
      await bench.dataSource.query(createIndexSql(stale).replace(' concurrently', ''));
      await bench.dataSource.query(`delete from collection where id = $1`, [gone.id]);
      await bench.dataSource.query(createIndexSql(wanted).replace(' concurrently', ''));
      await bench.dataSource.query(`update pg_index set indisvalid = false where indexrelid = $1::regclass`, [
        `"${wanted.name}"`,
      ]);
      expect(await bench.indexes.find(spaceOf(kept))).toBeNull();
      await bench.indexes.settled();
      expect(await bench.indexes.find(spaceOf(kept))).toMatchObject({ name: wanted.name });
      expect(await stateOfIndex(bench.dataSource, wanted.name)).toBe('ready');
      expect(await stateOfIndex(bench.dataSource, stale.name)).toBe('missing');
    });

    it('are built by one process at a time', async () => {
      const space = spaceOf(await bench.makeCollection());
      const index = indexOf(space);
      if (!index) throw new Error('There should be an index.');
      await withClient(bench.config, async (client) => {
        await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [index.name]);
        expect(await bench.indexes.find(space)).toBeNull();
        await bench.indexes.settled();
        expect(await stateOfIndex(bench.dataSource, index.name)).toBe('missing');
      });
      // Whose connection is gone has no right any more.
      expect(await bench.indexes.find(space)).toBeNull();
      await bench.indexes.settled();
      expect(await stateOfIndex(bench.dataSource, index.name)).toBe('ready');
    });
  });
});
