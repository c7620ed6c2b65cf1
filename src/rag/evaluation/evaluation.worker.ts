import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { JobFailure, type RunningJob } from '../../jobs/job.js';
import { JobQueue } from '../../jobs/job-queue.js';
import type { CollectionEntity } from '../collections/collection.entity.js';
import { CollectionsService } from '../collections/collections.service.js';
import type { EvaluationSettingDto } from './evaluation.dto.js';
import { EVALUATION_JOB, type EvaluationJobPayload, type JudgedQuery } from './evaluation-job.js';
import { MeasuredSearch, type RankedDocuments } from './measured-search.js';
import { meanScores, percentile, scoreRanking, type RankingScores } from './ranking-metrics.js';
import { resolveDocuments, type ResolvedDocuments } from './resolve-documents.js';

const SHOWN = 10;

interface Measurement {
  scores: RankingScores[];
  times: number[];
  warnings: Set<string>;
}

/** Runs the jobs that measure search on a collection. */
@Injectable()
export class EvaluationWorker implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: JobQueue,
    private readonly dataSource: DataSource,
    private readonly collections: CollectionsService,
    private readonly searches: MeasuredSearch,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.process<EvaluationJobPayload>(EVALUATION_JOB, (job) => this.run(job));
  }

  /** One attempt at a job. Resolves to the measures of each setting, the best one named. */
  async run(job: RunningJob<EvaluationJobPayload>): Promise<JsonObject> {
    const { projectId, payload } = job;
    const collection = await this.collections.find(projectId, payload.collectionId);
    if (!collection) throw new JobFailure('collection_not_found', 'The collection was deleted before it was measured.');
    const names = [...new Set(payload.queries.flatMap((query) => Object.keys(query.relevance)))];
    const scope = { projectId, collectionId: collection.id };
    const resolved = await resolveDocuments(this.dataSource, scope, names);
    const settings = payload.settings as unknown as EvaluationSettingDto[];
    const measured = settings.map((): Measurement => ({ scores: [], times: [], warnings: new Set() }));
    for (const [index, query] of payload.queries.entries()) {
      await job.progress(index, payload.queries.length);
      await this.#measure(collection, { query, settings, resolved, measured }, job);
    }
    await job.progress(payload.queries.length, payload.queries.length);
    return {
      collection_id: collection.id,
      queries: payload.queries.length,
      unknown_documents: { count: resolved.unknown.length, examples: resolved.unknown.slice(0, SHOWN) },
      ...render(payload.settings, measured),
    };
  }

  async #measure(
    collection: CollectionEntity,
    work: {
      query: JudgedQuery;
      settings: EvaluationSettingDto[];
      resolved: ResolvedDocuments;
      measured: Measurement[];
    },
    job: RunningJob<EvaluationJobPayload>,
  ): Promise<void> {
    const { query, settings, resolved, measured } = work;
    const relevance = toRelevance(query, resolved);
    for (const [place, setting] of settings.entries()) {
      const { ranking, ms, warnings } = await this.#search(collection, query.text, setting, job);
      measured[place]?.scores.push(scoreRanking(ranking, relevance));
      measured[place]?.times.push(ms);
      for (const warning of warnings) measured[place]?.warnings.add(warning);
    }
  }

  async #search(
    collection: CollectionEntity,
    text: string,
    setting: EvaluationSettingDto,
    job: RunningJob<EvaluationJobPayload>,
  ): Promise<RankedDocuments> {
    try {
      return await this.searches.run(collection, text, setting, job);
    } catch (error) {
      if (error instanceof AppError && isPermanent(error)) {
        throw new JobFailure(error.code, error.message, { cause: error });
      }
      throw error;
    }
  }
}

// What is wrong with the request, the key or the money stays wrong; the rest may be better at the next attempt.
function isPermanent({ category, shouldRetry }: AppError): boolean {
  return category !== 'server' && category !== 'upstream' && (category !== 'rate-limit' || shouldRetry === false);
}

// A document that is not there cannot be found, and counts as not found.
function toRelevance(query: JudgedQuery, resolved: ResolvedDocuments): Map<string, number> {
  const relevance = new Map<string, number>();
  for (const [name, grade] of Object.entries(query.relevance)) {
    const id = resolved.ids.get(name) ?? `\n${name}`;
    relevance.set(id, Math.max(grade, relevance.get(id) ?? 0));
  }
  return relevance;
}

function render(settings: readonly JsonObject[], measured: readonly Measurement[]): JsonObject {
  const rows = settings.map((setting, place) => {
    const { scores = [], times = [], warnings = new Set<string>() } = measured[place] ?? {};
    const { ndcg10, recall100, mrr10 } = meanScores(scores);
    return {
      ...setting,
      name: typeof setting.name === 'string' ? setting.name : `setting ${String(place + 1)}`,
      ndcg_at_10: round(ndcg10, 4),
      recall_at_100: round(recall100, 4),
      mrr_at_10: round(mrr10, 4),
      p50_ms: round(percentile(times, 0.5), 1),
      p95_ms: round(percentile(times, 0.95), 1),
      ...(warnings.size > 0 && { warnings: [...warnings].slice(0, SHOWN) }),
    };
  });
  const best = rows.reduce((first, second) => (second.ndcg_at_10 > first.ndcg_at_10 ? second : first));
  return { best: best.name, settings: rows };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
