import { type DataSource } from 'typeorm';
import { CallContext } from '../../src/core/call-context.js';
import { SystemClock } from '../../src/core/clock.js';
import { tokenUsage } from '../../src/core/chat/token-usage.js';
import type { JsonObject } from '../../src/core/json.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import type { EmbeddingsService } from '../../src/embeddings/embeddings.service.js';
import { embedLexically } from '../../src/providers/adapters/local/embed-lexically.js';
import { CollectionEntity } from '../../src/rag/collections/collection.entity.js';
import type { CollectionsService } from '../../src/rag/collections/collections.service.js';
import { CandidatesService } from '../../src/rag/retrieval/candidates.service.js';
import type { RerankingService } from '../../src/rag/retrieval/reranking.service.js';
import type { RetrievalOptions } from '../../src/rag/retrieval/retrieval-options.js';
import { type Retrieval, RetrievalService } from '../../src/rag/retrieval/retrieval.service.js';
import { VectorIndexes } from '../../src/rag/retrieval/vector-indexes.service.js';
import { analyseChunks, insertChunks, toVectorText, type ChunkDraft } from '../../src/rag/store/chunk-rows.js';
import type { SearchScope } from '../../src/rag/store/search-scope.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from './database.js';

const PROJECT = 'proj_default';

/** A document as a test gives it; one chunk for each text. */
export interface BenchDocument {
  id: string;
  chunks: readonly string[];
  source?: string;
  title?: string;
  language?: string;
  metadata?: JsonObject;
  createdAt?: string;
  /** In place of what the offline embedder makes of the texts. */
  vectors?: readonly Float32Array[];
}

/** Collections that are filled without the API, and searched by the real retrieval. */
export class KnowledgeBench {
  readonly indexes: VectorIndexes;
  readonly retrieval: RetrievalService;
  /** What the next queries are embedded as; null for what the offline embedder makes of them. */
  queryVector: Float32Array | null = null;
  #collections = 0;

  private constructor(
    readonly config: TestDatabase,
    readonly connection: DatabaseConnection,
    readonly dataSource: DataSource,
  ) {
    const clock = new SystemClock();
    this.indexes = new VectorIndexes(dataSource, connection, clock);
    const embeddings = {
      embed: ({ inputs, termWeights }: Parameters<EmbeddingsService['embed']>[0]) =>
        Promise.resolve({
          model: 'lexical-384',
          vectors: [this.queryVector ?? embedLexically(String(inputs[0]), termWeights)],
          usage: tokenUsage(),
          warnings: [],
        }),
    } as unknown as EmbeddingsService;
    const collections = { pin: () => Promise.resolve() } as unknown as CollectionsService;
    const candidates = new CandidatesService(dataSource, embeddings, collections, this.indexes);
    this.retrieval = new RetrievalService(dataSource, candidates, {} as RerankingService, clock);
  }

  static async open(): Promise<KnowledgeBench> {
    const config = await createTestSchema();
    const connection = await DatabaseConnection.open(config);
    return new KnowledgeBench(config, connection, await createDataSource(connection, dataSourceOptions(connection)));
  }

  async close(): Promise<void> {
    await this.indexes.beforeApplicationShutdown();
    await this.dataSource.destroy();
    await this.connection.close();
    await dropTestSchema(this.config);
  }

  /** An empty collection. */
  async makeCollection(projectId = PROJECT): Promise<CollectionEntity> {
    this.#collections += 1;
    const id = `col_${String(this.#collections).padStart(24, '0')}`;
    await this.dataSource.query(`insert into project (id, name) values ($1, $1) on conflict do nothing`, [projectId]);
    await this.dataSource.query(
      `insert into collection (id, project_id, name, embedding_model, embedding_target, embedding_dimensions, chunk_size, chunk_overlap)
       values ($1, $2, $1, 'local/lexical-384', 'lexical-384', 384, 1600, 0)`,
      [id, projectId],
    );
    return Object.assign(new CollectionEntity(), {
      ...{ id, projectId, name: id, embeddingModel: 'local/lexical-384', embeddingTarget: 'lexical-384' },
      ...{ embeddingDimensions: 384, embeddingGeneration: 0 },
    });
  }

  /** Stores documents as visible; `finish` brings the statistics up to date. */
  async add(collection: CollectionEntity, documents: readonly BenchDocument[]): Promise<void> {
    await this.#addVersions(collection, documents);
    const drafts = documents.flatMap((document) => toDrafts(collection, document));
    await insertChunks(this.dataSource, await analyseChunks(this.dataSource, drafts));
  }

  /** Counts the terms of everything that was added. */
  async finish({ projectId, id }: CollectionEntity): Promise<void> {
    await this.dataSource.query(
      `insert into lex_term (project_id, collection_id, lexeme, df)
       select $1, $2, word, ndoc from ts_stat(format('select tsv from chunk_lexical where collection_id = %L', $2::text))`,
      [projectId, id],
    );
    await this.dataSource.query(
      `insert into lex_stats (project_id, collection_id, search_config, n, total_len, avg_ref)
       select $1, $2, 'english', count(*), sum(len), 130 from chunk_lexical where collection_id = $2`,
      [projectId, id],
    );
  }

  /** A collection with these documents. */
  async fill(documents: readonly BenchDocument[]): Promise<CollectionEntity> {
    const collection = await this.makeCollection();
    await this.add(collection, documents);
    await this.finish(collection);
    return collection;
  }

  scopeOf({ projectId, id }: CollectionEntity): SearchScope {
    return { projectId, collectionId: id, generation: 0 };
  }

  /** Searches; three results of all documents when nothing else is said. */
  search(collection: CollectionEntity, query: string, options: Partial<RetrievalOptions> = {}): Promise<Retrieval> {
    const call = new CallContext({ id: 'req_bench', surface: 'rag', receivedAt: 0 });
    const wanted = { limit: 3, mode: 'hybrid', withCoverage: false, ...options } as const;
    return this.retrieval.retrieve(collection, [query], wanted, call);
  }

  async #addVersions({ projectId, id }: CollectionEntity, documents: readonly BenchDocument[]): Promise<void> {
    await this.dataSource.query(
      `insert into document (project_id, id, collection_id, source, current_version, latest_version, created_at)
       select $1, d.id, $2, d.source, 1, 1, coalesce(d.created::timestamptz, now())
       from unnest($3::text[], $4::text[], $5::text[]) as d(id, source, created)`,
      [
        ...[projectId, id, documents.map((document) => document.id)],
        documents.map((document) => document.source ?? `${document.id}.md`),
        documents.map((document) => document.createdAt ?? null),
      ],
    );
    await this.dataSource.query(
      `insert into document_version (project_id, document_id, version, collection_id, status, title, language, search_config,
         metadata, content_hash, text)
       select $1, d.id, 1, $2, 'current', d.title, d.language, 'english', d.metadata::jsonb, d.id, d.text
       from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as d(id, title, language, metadata, text)`,
      [
        ...[projectId, id, documents.map((document) => document.id)],
        documents.map((document) => document.title ?? null),
        documents.map((document) => document.language ?? null),
        documents.map((document) => JSON.stringify(document.metadata ?? {})),
        documents.map((document) => document.chunks.join('')),
      ],
    );
  }
}

function toDrafts({ projectId, id }: CollectionEntity, document: BenchDocument): ChunkDraft[] {
  let start = 0;
  return document.chunks.map((text, ordinal) => {
    const place = { ordinal, start, end: start + text.length, page: null };
    start = place.end;
    return {
      ...{ projectId, collectionId: id, documentId: document.id, version: 1, ...place },
      ...{ id: `${document.id}#${String(ordinal)}`, headingPath: null, text, searchText: text },
      ...{ searchConfig: 'english', averageLength: 130, inputHash: text.slice(0, 40), generation: 0 },
      embedding: toVectorText(document.vectors?.[ordinal] ?? embedLexically(text)),
    };
  });
}
