import type { DataSource } from 'typeorm';
import { ProjectEntity } from '../../src/auth/project.entity.js';
import { SystemClock } from '../../src/core/clock.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { embedLexically } from '../../src/providers/adapters/local/embed-lexically.js';
import { ChunkPublisher } from '../../src/rag/indexing/chunk-publisher.js';
import { draftChunk, hashInput, placeChunk } from '../../src/rag/indexing/draft-chunks.js';
import { toVectorText, type ChunkDraft, type VersionKey } from '../../src/rag/store/chunk-rows.js';
import { analyseQuery, searchLexically } from '../../src/rag/store/lexical-search.js';
import type { VersionWrite } from '../../src/rag/store/publish-versions.js';
import type { SearchScope } from '../../src/rag/store/search-scope.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from './database.js';

/** The project that is there from the beginning. */
export const PROJECT = 'proj_default';

/** A version that is ready to be published. */
export interface Prepared {
  version: VersionWrite;
  drafts: ChunkDraft[];
  chunkCount: number;
}

/** The tables of knowledge in a schema of their own, filled without the API. */
export class KnowledgeStore {
  readonly publisher: ChunkPublisher;
  #collections = 0;

  private constructor(
    private readonly database: TestDatabase,
    private readonly connection: DatabaseConnection,
    readonly dataSource: DataSource,
  ) {
    this.publisher = new ChunkPublisher(dataSource, new SystemClock());
  }

  static async open(): Promise<KnowledgeStore> {
    const database = await createTestSchema();
    const connection = await DatabaseConnection.open(database);
    const options = { ...dataSourceOptions(connection), entities: [ProjectEntity] };
    return new KnowledgeStore(database, connection, await createDataSource(connection, options));
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.connection.close();
    await dropTestSchema(this.database);
  }

  /** An empty collection. */
  async makeCollection(): Promise<SearchScope> {
    this.#collections += 1;
    const scope = { projectId: PROJECT, collectionId: `col_${String(this.#collections)}` };
    await this.dataSource.query(
      `insert into collection (id, project_id, name, embedding_model, chunk_size, chunk_overlap)
       values ($2, $1, $2, 'local/lexical-384', 1600, 0)`,
      [scope.projectId, scope.collectionId],
    );
    return scope;
  }

  /** A pending version with a chunk for each text; nothing of the chunks is stored. */
  async prepare(scope: SearchScope, documentId: string, version: number, texts: string[]): Promise<Prepared> {
    const key = { ...scope, documentId, version };
    await this.dataSource.query(
      `insert into document (project_id, id, collection_id, source, latest_version) values ($1, $2, $3, $2, $4)
       on conflict (project_id, id) do update set latest_version = excluded.latest_version`,
      [scope.projectId, documentId, scope.collectionId, version],
    );
    await this.dataSource.query(
      `insert into document_version (project_id, document_id, version, collection_id, status, search_config, content_hash, text)
       values ($1, $2, $3, $4, 'pending', 'english', 'h', $5)`,
      [scope.projectId, documentId, version, scope.collectionId, texts.join('\n')],
    );
    return {
      version: { ...key, generation: 0, attempt: null },
      drafts: texts.map((text, ordinal) => toDraft(key, text, ordinal)),
      chunkCount: texts.length,
    };
  }

  /** Makes a version visible. */
  async index(scope: SearchScope, documentId: string, version: number, texts: string[]): Promise<void> {
    const outcome = await this.publisher.publish(await this.prepare(scope, documentId, version, texts));
    if (outcome !== 'published') throw new Error(`${documentId} is ${outcome}.`);
  }

  /** What lexical ranking knows of a collection. */
  async statistics(scope: SearchScope): Promise<{ terms: Record<string, number>; n: number; length: number }> {
    const terms = await this.dataSource.query<{ lexeme: string; df: number }[]>(
      `select lexeme, df from lex_term where collection_id = $1 order by lexeme`,
      [scope.collectionId],
    );
    const [totals] = await this.dataSource.query<{ n: number; length: number }[]>(
      `select coalesce(sum(n), 0)::int as n, coalesce(sum(total_len), 0)::int as length from lex_stats where collection_id = $1`,
      [scope.collectionId],
    );
    return {
      terms: Object.fromEntries(terms.map(({ lexeme, df }) => [lexeme, df])),
      n: totals?.n ?? -1,
      length: totals?.length ?? -1,
    };
  }

  /** Ids of the chunks that words find. */
  async find(scope: SearchScope, query: string): Promise<string[]> {
    const analysed = await analyseQuery(this.dataSource, scope, [query]);
    const hits = await searchLexically(this.dataSource, scope, analysed, 10);
    return hits.map((hit) => hit.chunkId);
  }

  /** Rows of chunks, their words and their vectors. */
  async countRows(scope: SearchScope): Promise<number[]> {
    return Promise.all(
      ['chunk', 'chunk_lexical', 'chunk_embedding'].map(async (table) => {
        const [row] = await this.dataSource.query<{ n: number }[]>(
          `select count(*)::int as n from ${table} where collection_id = $1`,
          [scope.collectionId],
        );
        return row?.n ?? -1;
      }),
    );
  }
}

function toDraft(key: VersionKey, text: string, ordinal: number): ChunkDraft {
  const chunk = placeChunk(key, { text, start: 0, end: text.length, headingPath: null }, { ordinal, page: null });
  const vector = { embedding: toVectorText(embedLexically(text)), inputHash: hashInput(text), generation: 0 };
  return draftChunk(key, chunk, { title: null, searchConfig: 'english' }, vector);
}
