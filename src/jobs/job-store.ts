import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, In } from 'typeorm';
import { newId } from '../core/ids.js';
import type { JsonObject } from '../core/json.js';
import type { Job, JobProgress, NewJob } from './job.js';
import { JobEntity } from './job.entity.js';

/** One claim of a job: whatever is written for it counts only while no later attempt began. */
export interface AttemptKey {
  readonly id: string;
  readonly attempt: number;
}

export interface JobError {
  code: string;
  message: string;
}

type Values = Parameters<typeof EntityManager.prototype.update<JobEntity>>[2];

const UNFINISHED = In(['queued', 'running']);
const DEDUPE_TRIES = 3;

/** The table of jobs. */
@Injectable()
export class JobStore {
  constructor(private readonly dataSource: DataSource) {}

  /** A new queued job, or the unfinished one with the same dedupe key. */
  async insert(manager: EntityManager, job: NewJob<JsonObject>): Promise<{ job: JobEntity; isNew: boolean }> {
    for (let tries = 0; tries < DEDUPE_TRIES; tries += 1) {
      const id = newId('job_');
      const { kind, projectId, keyId, payload, dedupeKey = null } = job;
      const inserted: unknown[] = await manager.query(
        `insert into job (id, kind, project_id, key_id, dedupe_key, payload) values ($1, $2, $3, $4, $5, $6)
         on conflict (project_id, kind, dedupe_key) where dedupe_key is not null and status in ('queued', 'running')
         do nothing returning id`,
        [id, kind, projectId, keyId, dedupeKey, JSON.stringify(payload)],
      );
      if (inserted.length > 0) return { job: await manager.findOneByOrFail(JobEntity, { id }), isNew: true };
      if (dedupeKey === null) break;
      const found = await manager.findOneBy(JobEntity, { projectId, kind, dedupeKey, status: UNFINISHED });
      if (found) return { job: found, isNew: false };
      // It finished between the two statements, so the next try can insert.
    }
    throw new Error('A job could be neither inserted nor found.');
  }

  find(projectId: string, id: string): Promise<JobEntity | null> {
    return this.dataSource.manager.findOneBy(JobEntity, { projectId, id });
  }

  findAll(projectId: string, ids: readonly string[]): Promise<JobEntity[]> {
    return this.dataSource.manager.findBy(JobEntity, { projectId, id: In(ids) });
  }

  /** Begins the next attempt of an unfinished job; null when the job is finished, cancelled or gone. */
  async claim(id: string): Promise<JobEntity | null> {
    const result = await this.dataSource
      .createQueryBuilder()
      .update(JobEntity)
      .set({ status: 'running', attempt: () => 'attempt + 1', startedAt: () => 'coalesce(started_at, now())' })
      .where({ id, status: UNFINISHED })
      .execute();
    return result.affected ? await this.dataSource.manager.findOneByOrFail(JobEntity, { id }) : null;
  }

  async writeProgress(key: AttemptKey, progress: JobProgress): Promise<void> {
    await this.#update(key, { progressDone: progress.done, progressTotal: progress.total });
  }

  async succeed(key: AttemptKey, result: JsonObject | null): Promise<void> {
    await this.#update(key, {
      status: 'succeeded',
      result,
      errorCode: null,
      errorMessage: null,
      finishedAt: () => 'now()',
    });
  }

  async fail(key: AttemptKey, error: JobError): Promise<void> {
    await this.#update(key, {
      status: 'failed',
      errorCode: error.code,
      errorMessage: error.message,
      finishedAt: () => 'now()',
    });
  }

  /** The attempt ended without an answer and another one follows; `error` says why, if it failed. */
  async requeue(key: AttemptKey, error: JobError | null): Promise<void> {
    await this.#update(key, {
      status: 'queued',
      ...(error && { errorCode: error.code, errorMessage: error.message }),
    });
  }

  /** No further attempt follows: ends a job that no handler could end, keeping the last error that is known. */
  async abandon(id: string, error: JobError): Promise<void> {
    await this.dataSource
      .createQueryBuilder()
      .update(JobEntity)
      .set({
        status: 'failed',
        errorCode: () => 'coalesce(error_code, :code)',
        errorMessage: () => 'coalesce(error_message, :message)',
        finishedAt: () => 'now()',
      })
      .where({ id, status: UNFINISHED })
      .setParameters({ ...error })
      .execute();
  }

  /** Whether there was an unfinished job to cancel. */
  async cancel(projectId: string, id: string): Promise<boolean> {
    const result = await this.dataSource.manager.update(
      JobEntity,
      { projectId, id, status: UNFINISHED },
      { status: 'cancelled', finishedAt: () => 'now()' },
    );
    return result.affected === 1;
  }

  /** Those of the attempts that may not go on: cancelled, or begun again elsewhere. */
  async findOver(keys: readonly AttemptKey[]): Promise<{ id: string; isCancelled: boolean }[]> {
    const rows = await this.dataSource.manager.find(JobEntity, {
      select: { id: true, attempt: true, status: true },
      where: { id: In(keys.map(({ id }) => id)) },
    });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return keys.flatMap(({ id, attempt }) => {
      const row = byId.get(id);
      if (row?.status === 'running' && row.attempt === attempt) return [];
      return [{ id, isCancelled: !row || row.status === 'cancelled' }];
    });
  }

  async countQueued(): Promise<Record<string, number>> {
    const rows: { kind: string; count: number }[] = await this.dataSource.query(
      `select kind, count(*)::int as count from job where status = 'queued' group by kind`,
    );
    return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
  }

  async #update({ id, attempt }: AttemptKey, values: Values): Promise<void> {
    await this.dataSource.manager.update(JobEntity, { id, attempt, status: 'running' }, values);
  }
}

/** The job as its owner sees it. */
export function toJob(entity: JobEntity): Job {
  const { id, kind, projectId, status, result, createdAt, startedAt, finishedAt } = entity;
  return {
    id,
    kind,
    projectId,
    status,
    progress: { done: entity.progressDone, total: entity.progressTotal },
    error: status === 'failed' ? { code: entity.errorCode ?? '', message: entity.errorMessage ?? '' } : null,
    result: result as JsonObject | null,
    createdAt,
    startedAt,
    finishedAt,
  };
}
