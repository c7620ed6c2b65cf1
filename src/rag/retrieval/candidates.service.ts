import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CallContext } from '../../core/call-context.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import type { CollectionEntity } from '../collections/collection.entity.js';
import { CollectionsService } from '../collections/collections.service.js';
import { searchByIndex, searchDensely } from '../store/dense-search.js';
import { analyseQuery, searchLexically, type AnalysedQuery, type LegHit } from '../store/lexical-search.js';
import { scoreChunks } from '../store/score-chunks.js';
import { findDocuments, type SearchScope } from '../store/search-scope.js';
import { withSimilarTerms } from '../store/similar-terms.js';
import type { VectorIndex } from '../store/vector-index.js';
import { denseWeightOf, isLexicalEmbedder } from './fusion-weights.js';
import { fuseLegs, fuseRanks, type FusedHit, type LegRanks, type LegScores } from './fuse-legs.js';
import type { FusionMethod, RetrievalOptions } from './retrieval-options.js';
import type { Stopwatch } from './stopwatch.js';
import { VectorIndexes } from './vector-indexes.service.js';

/** What both legs brought, best first, and how. */
export interface Candidates {
  readonly scope: SearchScope;
  readonly query: AnalysedQuery;
  /** The terms that were searched in place of the query's, which nothing holds. */
  readonly similarTerms: readonly string[];
  readonly hits: readonly FusedHit[];
  readonly lexical: readonly LegHit[];
  readonly dense: readonly LegHit[];
  readonly denseScan: 'exact' | 'hnsw' | null;
  readonly fusion: { readonly method: FusionMethod; readonly denseWeight: number } | null;
}

interface DenseLeg {
  readonly hits: LegHit[];
  readonly vector: Float32Array;
  readonly scan: 'exact' | 'hnsw';
}

/** A search in work. */
interface Search {
  readonly collection: CollectionEntity;
  readonly scope: SearchScope;
  readonly query: AnalysedQuery;
  /** What is embedded. */
  readonly text: string;
  readonly options: RetrievalOptions;
  readonly watch: Stopwatch;
  readonly call: CallContext;
}

/** How many hits each leg brings. */
const LEG_LIMIT = 100;
/** Up to so many chunks all vectors are compared; above that an index finds the nearest, where there is one. */
const EXACT_CHUNKS = 20_000;
const DEFAULT_RANK_CONSTANT = 60;

/** Brings the chunks of a collection that may fit a query, by words and by vectors, and joins the two. */
@Injectable()
export class CandidatesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly embeddings: EmbeddingsService,
    private readonly collections: CollectionsService,
    private readonly indexes: VectorIndexes,
  ) {}

  /** Throws `embedding_model_mismatch` and what the embedding call throws. Nothing is embedded where nothing can be found. */
  async find(
    collection: CollectionEntity,
    queries: readonly string[],
    { options, watch, call }: Pick<Search, 'options' | 'watch' | 'call'>,
  ): Promise<Candidates> {
    // Read once with the collection, so that a change of the model in between mixes nothing.
    const all = {
      projectId: collection.projectId,
      collectionId: collection.id,
      generation: collection.embeddingGeneration,
    };
    const { filter } = options;
    const documents = filter ? await watch.time('filter', () => findDocuments(this.dataSource, all, filter)) : null;
    const scope = { ...all, documents };
    const known = await watch.time('analysis', () => analyseQuery(this.dataSource, scope, queries));
    const isEmpty = known.count === 0 || (documents?.kind === 'few' && documents.ids.length === 0);
    if (isEmpty) return nothing(scope, known);
    const query = await this.#withSimilarTerms(scope, known, options, watch);
    const text = [...new Set(queries)].join('\n');
    const found = await this.#search({ collection, scope, query, text, options, watch, call });
    // What the query holds is judged by its own words: similar ones are a guess.
    return { ...found, query: known, similarTerms: query === known ? [] : query.terms.map(({ lexeme }) => lexeme) };
  }

  #withSimilarTerms(
    scope: SearchScope,
    query: AnalysedQuery,
    { mode }: RetrievalOptions,
    watch: Stopwatch,
  ): Promise<AnalysedQuery> {
    if (query.terms.length > 0 || mode === 'dense') return Promise.resolve(query);
    return watch.time('analysis', () => withSimilarTerms(this.dataSource, scope, query));
  }

  async #search(search: Search): Promise<Omit<Candidates, 'similarTerms'>> {
    const { scope, query, options } = search;
    const [lexical, denseLeg] = await Promise.all([
      options.mode === 'dense' ? [] : this.#searchLexically(search),
      options.mode === 'lexical' ? null : this.#searchDensely(search),
    ]);
    const dense = denseLeg?.hits ?? [];
    const legs = { scope, query, lexical, dense, denseScan: denseLeg?.scan ?? null };
    if (!denseLeg || options.mode === 'dense') return { ...legs, hits: fuseSingle(lexical, dense), fusion: null };
    const { method, denseWeight, ...fusion } = fusionOf(search);
    const { vector } = denseLeg;
    const scored = await search.watch.time('fusion', () =>
      scoreChunks(this.dataSource, scope, { lexical, dense }, { query, vector }),
    );
    const hits =
      method === 'rrf'
        ? fuseRanks(scored, ranksIn(legs), { denseWeight, rankConstant: fusion.rankConstant })
        : fuseLegs(scored, { denseWeight, isDenseRelative: fusion.isDenseRelative });
    return { ...legs, hits, fusion: { method, denseWeight } };
  }

  #searchLexically({ scope, query, watch }: Search): Promise<LegHit[]> {
    return watch.time('lexical', () => searchLexically(this.dataSource, scope, query, LEG_LIMIT));
  }

  async #searchDensely(search: Search): Promise<DenseLeg> {
    const { scope, watch } = search;
    const vector = await watch.time('embedding', () => this.#embed(search));
    // A vector of nothing, as the offline embedder gives for a query without words, is near to nothing.
    if (!vector.some((value) => value !== 0)) return { hits: [], vector, scan: 'exact' };
    return watch.time('dense', async () => {
      const index = await this.#indexFor(search, vector);
      const hits = index
        ? await searchByIndex(this.dataSource, scope, vector, { index, limit: LEG_LIMIT })
        : await searchDensely(this.dataSource, scope, vector, LEG_LIMIT);
      return { hits, vector, scan: index ? 'hnsw' : 'exact' };
    });
  }

  async #indexFor({ scope, query }: Search, vector: Float32Array): Promise<VectorIndex | null> {
    if (query.count <= EXACT_CHUNKS || scope.documents?.kind === 'few') return null;
    const { collectionId, generation = 0 } = scope;
    return this.indexes.find({ collectionId, generation, dimensions: vector.length });
  }

  async #embed({ collection, text, query, call }: Search): Promise<Float32Array> {
    const result = await this.embeddings.embed(
      { model: collection.embeddingModel, inputs: [text], purpose: 'query', termWeights: query.wordWeights },
      call,
    );
    const vector = result.vectors[0] ?? new Float32Array();
    await this.collections.pin(collection, { model: result.model, dimensions: vector.length });
    return vector;
  }
}

/** Each hit's place in the legs, by its id. */
export function ranksIn({ lexical, dense }: Pick<Candidates, 'lexical' | 'dense'>): (chunkId: string) => LegRanks {
  const toRanks = (hits: readonly LegHit[]): Map<string, number> =>
    new Map(hits.map(({ chunkId }, index) => [chunkId, index + 1]));
  const [lexicalRanks, denseRanks] = [toRanks(lexical), toRanks(dense)];
  return (chunkId) => ({ lexical: lexicalRanks.get(chunkId) ?? null, dense: denseRanks.get(chunkId) ?? null });
}

function fusionOf({ collection, options }: Search): {
  method: FusionMethod;
  denseWeight: number;
  rankConstant: number;
  isDenseRelative: boolean;
} {
  const embedder = collection.embeddingTarget ?? collection.embeddingModel;
  const {
    method = 'scores',
    denseWeight = denseWeightOf(embedder),
    rankConstant = DEFAULT_RANK_CONSTANT,
  } = options.fusion ?? {};
  return { method, denseWeight, rankConstant, isDenseRelative: !isLexicalEmbedder(embedder) };
}

function fuseSingle(lexical: readonly LegHit[], dense: readonly LegHit[]): FusedHit[] {
  const scores: LegScores[] = [
    ...lexical.map((hit) => ({ chunkId: hit.chunkId, lexical: hit.score, dense: 0 })),
    ...dense.map((hit) => ({ chunkId: hit.chunkId, lexical: 0, dense: hit.score })),
  ];
  return fuseLegs(scores, { denseWeight: dense.length > 0 ? 1 : 0, isDenseRelative: false });
}

function nothing(scope: SearchScope, query: AnalysedQuery): Candidates {
  return {
    ...{ scope, query, similarTerms: [], hits: [], lexical: [], dense: [] },
    ...{ denseScan: null, fusion: null },
  };
}
