import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CallContext } from '../../core/call-context.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import type { CollectionEntity } from '../collections/collection.entity.js';
import { CollectionsService } from '../collections/collections.service.js';
import { searchDensely } from '../store/dense-search.js';
import {
  analyseQuery,
  searchLexically,
  type AnalysedQuery,
  type LegHit,
  type SearchScope,
} from '../store/lexical-search.js';
import { loadChunks, matchLexemes, type RetrievedChunk } from '../store/load-chunks.js';
import { scoreChunks } from '../store/score-chunks.js';
import { COVERAGE_HITS, measureCoverage } from './coverage.js';
import { denseWeightOf, isLexicalEmbedder } from './fusion-weights.js';
import { fuseLegs, type FusedHit, type LegScores } from './fuse-legs.js';
import type { SearchMode } from './search.dto.js';

/** What a retrieval found, best first. */
export interface Retrieval {
  hits: RetrievedChunk[];
  /** Share of the query's weight that the best hits hold, 0..1: low when the documents say nothing about it; null unless asked for. */
  coverage: number | null;
}

/** How many hits each leg brings. */
const LEG_LIMIT = 100;

/** Finds the chunks of one collection that fit a query, by words and by vectors. */
@Injectable()
export class RetrievalService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly embeddings: EmbeddingsService,
    private readonly collections: CollectionsService,
  ) {}

  /**
   * Retrieves by all the queries together; a word counts as often as queries hold it, so that a query given twice counts
   * double.
   * Throws `embedding_model_mismatch` and what the embedding call throws.
   */
  async retrieve(
    collection: CollectionEntity,
    queries: readonly string[],
    options: { limit: number; mode: SearchMode; withCoverage: boolean },
    call: CallContext,
  ): Promise<Retrieval> {
    const scope = { projectId: collection.projectId, collectionId: collection.id };
    const text = [...new Set(queries)].join('\n');
    const query = await analyseQuery(this.dataSource, scope, queries);
    if (query.count === 0) return { hits: [], coverage: options.withCoverage ? 0 : null };
    const fused = await this.#find(collection, text, query, options.mode, call);
    const hits = await loadChunks(this.dataSource, scope, fused.slice(0, options.limit));
    return { hits, coverage: options.withCoverage ? await this.#measureCoverage(scope, query, hits) : null };
  }

  async #measureCoverage(scope: SearchScope, query: AnalysedQuery, hits: readonly RetrievedChunk[]): Promise<number> {
    const lexemes = query.words.flatMap((word) => word.lexemes);
    const chunkIds = hits.slice(0, COVERAGE_HITS).map((hit) => hit.id);
    return measureCoverage(query, await matchLexemes(this.dataSource, scope, chunkIds, lexemes));
  }

  async #find(
    collection: CollectionEntity,
    text: string,
    query: AnalysedQuery,
    mode: SearchMode,
    call: CallContext,
  ): Promise<FusedHit[]> {
    const scope = { projectId: collection.projectId, collectionId: collection.id };
    if (mode === 'lexical') {
      const lexical = await searchLexically(this.dataSource, scope, query, LEG_LIMIT);
      return fuseLegs(
        lexical.map((hit) => ({ chunkId: hit.chunkId, lexical: hit.score, dense: 0 })),
        {
          denseWeight: 0,
          isDenseRelative: false,
        },
      );
    }
    const [vector, lexical] = await Promise.all([
      this.#embed(collection, text, query, call),
      mode === 'dense' ? [] : searchLexically(this.dataSource, scope, query, LEG_LIMIT),
    ]);
    // A vector of nothing, as the offline embedder gives for a query without words, is near to nothing.
    const dense = vector.some((value) => value !== 0)
      ? await searchDensely(this.dataSource, scope, vector, LEG_LIMIT)
      : [];
    if (mode === 'dense') return fuseLegs(denseOnly(dense), { denseWeight: 1, isDenseRelative: false });
    const embedder = collection.embeddingTarget ?? collection.embeddingModel;
    const chunkIds = [...new Set([...lexical, ...dense].map((hit) => hit.chunkId))];
    return fuseLegs(await scoreChunks(this.dataSource, scope, chunkIds, query, vector), {
      denseWeight: denseWeightOf(embedder),
      isDenseRelative: !isLexicalEmbedder(embedder),
    });
  }

  async #embed(
    collection: CollectionEntity,
    text: string,
    query: AnalysedQuery,
    call: CallContext,
  ): Promise<Float32Array> {
    const result = await this.embeddings.embed(
      { model: collection.embeddingModel, inputs: [text], purpose: 'query', termWeights: query.wordWeights },
      call,
    );
    const vector = result.vectors[0] ?? new Float32Array();
    await this.collections.pin(collection, { model: result.model, dimensions: vector.length });
    return vector;
  }
}

function denseOnly(hits: readonly LegHit[]): LegScores[] {
  return hits.map((hit) => ({ chunkId: hit.chunkId, lexical: 0, dense: hit.score }));
}
