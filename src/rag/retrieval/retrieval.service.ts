import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import type { SpanAttributes } from '../../core/telemetry/call-trace.js';
import type { CollectionEntity } from '../collections/collection.entity.js';
import { loadChunks, matchLexemes, type RetrievedChunk } from '../store/load-chunks.js';
import { loadNeighbours, type NeighbourChunk } from '../store/load-neighbours.js';
import { measureSimilarity } from '../store/measure-similarity.js';
import { countScope } from '../store/search-scope.js';
import { CandidatesService, ranksIn, type Candidates } from './candidates.service.js';
import { COVERAGE_HITS, measureCoverage } from './coverage.js';
import { capPerDocument, diversify } from './diversify.js';
import { explainHit, type HitExplanation, type SearchExplanation } from './explanation.js';
import { RerankingService, type Reranker } from './reranking.service.js';
import type { RetrievalOptions } from './retrieval-options.js';
import { Stopwatch } from './stopwatch.js';

/** What a retrieval found, best first. */
export interface Retrieval {
  hits: RetrievedChunk[];
  /** Share of the query's weight that the best hits hold, 0..1: low when the documents say nothing about it; null unless asked for. */
  coverage: number | null;
  /** By the hit's id; empty unless asked for. */
  neighbours: ReadonlyMap<string, readonly NeighbourChunk[]>;
  /** How it came about; null unless asked for. */
  explanation: { search: SearchExplanation; hits: ReadonlyMap<string, HitExplanation> } | null;
}

/** Out of so many candidates, at least, the different ones are chosen. */
const MMR_CANDIDATES = 50;
const MMR_CANDIDATES_PER_RESULT = 3;

interface Ranked {
  readonly hits: readonly RetrievedChunk[];
  readonly isReranked: boolean;
}

/** Finds the chunks of one collection that fit a query: by words and by vectors, filtered, judged anew and made different as asked. */
@Injectable()
export class RetrievalService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly candidates: CandidatesService,
    private readonly reranking: RerankingService,
    private readonly clock: Clock,
  ) {}

  /**
   * Retrieves by all the queries together; a word counts as often as queries hold it, so that a query given twice counts
   * double. Where reranking fails the result is as without, and the call has a warning.
   * Throws `embedding_model_mismatch`, `invalid_value`, and what the embedding call throws.
   */
  retrieve(
    collection: CollectionEntity,
    queries: readonly string[],
    options: RetrievalOptions,
    call: CallContext,
  ): Promise<Retrieval> {
    if (!call.trace) return this.#retrieve(collection, queries, options, call);
    return call.trace.part(`retrieval ${collection.id}`, retrievalAttributes(collection, options), async (span) => {
      const retrieval = await this.#retrieve(collection, queries, options, call);
      span.note({ 'trunkline.retrieval.hits': retrieval.hits.length });
      return retrieval;
    });
  }

  async #retrieve(
    collection: CollectionEntity,
    queries: readonly string[],
    options: RetrievalOptions,
    call: CallContext,
  ): Promise<Retrieval> {
    const watch = new Stopwatch(this.clock);
    const reranker = options.rerank ? this.reranking.choose(options.rerank) : null;
    const found = await this.candidates.find(collection, queries, { options, watch, call });
    const ranked = await this.#rank(found, queries[0] ?? '', { options, reranker, watch, call });
    const hits = await this.#select(ranked.hits, found, options, watch);
    const { neighbours = 0, withCoverage, explain } = options;
    return {
      hits,
      coverage: withCoverage ? await this.#measureCoverage(found, hits) : null,
      neighbours: await this.#loadNeighbours(found, hits, neighbours),
      explanation: explain ? await this.#explain(found, { ...ranked, hits }, options, watch) : null,
    };
  }

  async #rank(
    { scope, hits }: Candidates,
    query: string,
    terms: { options: RetrievalOptions; reranker: Reranker | null; watch: Stopwatch; call: CallContext },
  ): Promise<Ranked> {
    const { options, reranker, watch, call } = terms;
    const pool = hits.slice(0, poolSize(options, reranker));
    const loaded = await watch.time('loading', () => loadChunks(this.dataSource, scope, pool));
    const capped = options.maxPerDocument ? capPerDocument(loaded, options.maxPerDocument) : loaded;
    if (!reranker) return { hits: capped, isReranked: false };
    // Whatever is returned was judged: scores of two kinds have no order.
    const candidates = capped.slice(0, Math.max(reranker.candidates, options.limit));
    const judged = await watch.time('rerank', () => this.reranking.judge(reranker, query, candidates, call));
    return { hits: judged ?? capped, isReranked: judged !== null };
  }

  async #select(
    hits: readonly RetrievedChunk[],
    { scope }: Candidates,
    { limit, mmr }: RetrievalOptions,
    watch: Stopwatch,
  ): Promise<RetrievedChunk[]> {
    if (!mmr) return hits.slice(0, limit);
    const pool = hits.slice(0, mmrCandidates(limit));
    return watch.time('mmr', async () => {
      const ids = pool.map((hit) => hit.id);
      const similarity = await measureSimilarity(this.dataSource, scope, ids);
      return diversify(pool, { lambda: mmr.lambda, limit, similarity });
    });
  }

  async #measureCoverage({ scope, query }: Candidates, hits: readonly RetrievedChunk[]): Promise<number> {
    if (hits.length === 0) return 0;
    const lexemes = query.words.flatMap((word) => word.lexemes);
    const chunkIds = hits.slice(0, COVERAGE_HITS).map((hit) => hit.id);
    return measureCoverage(query, await matchLexemes(this.dataSource, scope, chunkIds, lexemes));
  }

  async #loadNeighbours(
    { scope }: Candidates,
    hits: readonly RetrievedChunk[],
    distance: number,
  ): Promise<Map<string, NeighbourChunk[]>> {
    if (distance === 0 || hits.length === 0) return new Map();
    return loadNeighbours(this.dataSource, scope, hits, distance);
  }

  async #explain(
    found: Candidates,
    { hits, isReranked }: Ranked,
    { filter }: RetrievalOptions,
    watch: Stopwatch,
  ): Promise<Retrieval['explanation']> {
    const timingsMs = watch.read();
    const { scope, query, similarTerms, lexical, dense, denseScan, fusion } = found;
    const lexemes = [...query.words.flatMap((word) => word.lexemes), ...similarTerms];
    const ids = hits.map((hit) => hit.id);
    const matched = ids.length > 0 ? await matchLexemes(this.dataSource, scope, ids, lexemes) : [];
    const ranksOf = ranksIn(found);
    const fused = new Map(found.hits.map((hit) => [hit.chunkId, hit]));
    const explained = hits.map((hit, index) => {
      const matchedTerms = matched[index] ?? new Set<string>();
      const facts = { ranks: ranksOf(hit.id), matchedTerms, rerankScore: isReranked ? hit.score : null };
      return [hit.id, explainHit(fused.get(hit.id) ?? hit, facts)] as const;
    });
    const filtered = filter ? await countScope(this.dataSource, scope) : null;
    const counts = { lexical: lexical.length, dense: dense.length };
    return {
      search: { filtered, denseScan, fusion, similarTerms, found: counts, timingsMs },
      hits: new Map(explained),
    };
  }
}

function retrievalAttributes({ id }: CollectionEntity, { mode, limit, rerank }: RetrievalOptions): SpanAttributes {
  return {
    'gen_ai.operation.name': 'retrieval',
    'gen_ai.data_source.id': id,
    'gen_ai.retrieval.top_k': limit,
    'trunkline.retrieval.mode': mode,
    'trunkline.retrieval.reranked': rerank !== undefined,
  };
}

// Only what may still come to the top is loaded.
function poolSize({ limit, mmr, maxPerDocument }: RetrievalOptions, reranker: Reranker | null): number {
  if (maxPerDocument) return Infinity;
  return Math.max(limit, reranker?.candidates ?? 0, mmr ? mmrCandidates(limit) : 0);
}

function mmrCandidates(limit: number): number {
  return Math.max(MMR_CANDIDATES, limit * MMR_CANDIDATES_PER_RESULT);
}
