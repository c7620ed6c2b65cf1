import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, In } from 'typeorm';
import { type Page, listNewest } from '../auth/list-newest.js';
import { AppError } from '../core/errors/app-error.js';
import { newId } from '../core/ids.js';
import type { JsonObject } from '../core/json.js';
import type { Job, JobError, JobProgress, JobStage, NewJob } from './job.js';
import { JobEntity } from './job.entity.js';
import type { JobEnd, JobKind, OverJob } from './job-kind.js';
import type { JobPage } from './job-queue.js';
import { Announcer } from './webhooks/announcer.service.js';

/** One claim of a job: whatever is written for it counts only while no later attempt began. */
export interface AttemptKey {
  readonly id: string;
  readonly attempt: number;
}

/** A job at its end, which is its latest attempt's. */
type EndingJob = OverJob<JsonObject> & AttemptKey;

interface Ending {
  isOurs: boolean;
  isAnnounced: boolean;
}

/** What an attempt told of itself since that was last written down. */
export interface JobNotes {
  progress: JobProgress | null;
  stage: string | null;
  stages: JobStage[];
}

type Values = Parameters<typeof EntityManager.prototype.update<JobEntity>>[2];

const UNFINISHED = In(['queued', 'running']);
const OVER = In(['failed', 'cancelled']);
const DEDUPE_TRIES = 3;

/** The table of jobs. */
@Injectable()
export class JobStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly announcer: Announcer,
  ) {}

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

  /** A page of a project's jobs, newest first. Throws `invalid_cursor` when `after` is none of them. */
  async list(projectId: string, { kind, status, ...page }: JobPage): Promise<Page<JobEntity>> {
    if (page.after !== undefined && !(await this.find(projectId, page.after))) {
      throw new AppError(
        'invalid_cursor',
        'There is no job with the id given in `after`. Use the `last_id` of a page.',
        {
          param: 'after',
        },
      );
    }
    const only = { projectId, ...(kind !== undefined && { kind }), ...(status !== undefined && { status }) };
    return listNewest(this.dataSource.getRepository(JobEntity), page, only);
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

  async writeNotes(key: AttemptKey, notes: JobNotes): Promise<void> {
    await this.#update(this.dataSource.manager, key, toValues(notes));
  }

  async succeed(job: EndingJob, result: JsonObject | null, notes: JobNotes | null, kind: JobKind): Promise<void> {
    const values: Values = {
      ...toValues(notes),
      status: 'succeeded',
      result,
      errorCode: null,
      errorMessage: null,
      finishedAt: () => 'now()',
    };
    if (!kind.announce && !kind.conclude) {
      await this.#update(this.dataSource.manager, job, values);
      return;
    }
    await this.#ending(async (manager) => {
      if (!(await this.#update(manager, job, values))) return { isOurs: false, isAnnounced: false };
      await kind.conclude?.(manager, job, result);
      return { isOurs: true, isAnnounced: await this.#announce(manager, job, kind, { status: 'succeeded', result }) };
    });
  }

  /** Ends the job and removes what it left, both or neither. False when it is no longer this attempt's. */
  fail(job: EndingJob, error: JobError, notes: JobNotes | null, kind: JobKind): Promise<boolean> {
    return this.#ending(async (manager) => {
      const isOurs = await this.#update(manager, job, {
        ...toValues(notes),
        status: 'failed',
        errorCode: error.code,
        errorMessage: error.message,
        finishedAt: () => 'now()',
      });
      if (!isOurs) return { isOurs, isAnnounced: false };
      return { isOurs, isAnnounced: await this.#close(manager, job, kind, { status: 'failed', error }) };
    });
  }

  /** The attempt ended without an answer and another one follows; `error` says why, if it failed. */
  async requeue(key: AttemptKey, error: JobError | null, notes: JobNotes | null): Promise<void> {
    await this.#update(this.dataSource.manager, key, {
      ...toValues(notes),
      status: 'queued',
      ...(error && { errorCode: error.code, errorMessage: error.message }),
    });
  }

  /**
   * No further attempt follows: ends a job that no handler could end, keeping the last error that is known, and removes
   * what it left. Nothing happens to one that is over already.
   */
  async abandon(id: string, error: JobError, kinds: ReadonlyMap<string, JobKind>): Promise<void> {
    await this.#ending(async (manager) => {
      const { affected } = await manager
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
      if (!affected) return { isOurs: false, isAnnounced: false };
      const over = await manager.findOneByOrFail(JobEntity, { id });
      const shown = { code: over.errorCode ?? error.code, message: over.errorMessage ?? error.message };
      const end: JobEnd = { status: 'failed', error: shown };
      return { isOurs: true, isAnnounced: await this.#close(manager, toEndingJob(over), kinds.get(over.kind), end) };
    });
  }

  /** Cancels an unfinished job and removes what it left, both or neither; whether there was one. */
  cancel(projectId: string, id: string, kinds: ReadonlyMap<string, JobKind>): Promise<boolean> {
    return this.#ending(async (manager) => {
      const { affected } = await manager.update(
        JobEntity,
        { projectId, id, status: UNFINISHED },
        { status: 'cancelled', finishedAt: () => 'now()' },
      );
      if (affected !== 1) return { isOurs: false, isAnnounced: false };
      const job = await manager.findOneByOrFail(JobEntity, { id });
      const kind = kinds.get(job.kind);
      return { isOurs: true, isAnnounced: await this.#close(manager, toEndingJob(job), kind, { status: 'cancelled' }) };
    });
  }

  /** Puts a job that failed or was cancelled back in the queue, in the name of a key; whether it was one. */
  async revive(manager: EntityManager, projectId: string, id: string, keyId: string | null): Promise<boolean> {
    const { affected } = await manager.update(
      JobEntity,
      { projectId, id, status: OVER },
      {
        ...{ status: 'queued', keyId, startedAt: null, finishedAt: null, errorCode: null, errorMessage: null },
        ...{ stage: null, progressDone: 0, progressTotal: 0 },
      },
    );
    return affected === 1;
  }

  /** Those of the attempts that may not go on: cancelled, or begun again elsewhere. */
  async findOver(keys: readonly AttemptKey[]): Promise<{ key: AttemptKey; isCancelled: boolean }[]> {
    const rows = await this.dataSource.manager.find(JobEntity, {
      select: { id: true, attempt: true, status: true },
      where: { id: In(keys.map(({ id }) => id)) },
    });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return keys.flatMap((key) => {
      const row = byId.get(key.id);
      if (row?.status === 'running' && row.attempt === key.attempt) return [];
      return [{ key, isCancelled: !row || row.status === 'cancelled' }];
    });
  }

  async countQueued(): Promise<Record<string, number>> {
    const rows: { kind: string; count: number }[] = await this.dataSource.query(
      `select kind, count(*)::int as count from job where status = 'queued' group by kind`,
    );
    return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
  }

  // Whoever waits to tell others of the job's end hears of it once that is certain.
  async #ending(end: (manager: EntityManager) => Promise<Ending>): Promise<boolean> {
    const { isOurs, isAnnounced } = await this.dataSource.transaction(end);
    if (isAnnounced) this.announcer.ring();
    return isOurs;
  }

  async #close(manager: EntityManager, job: EndingJob, kind: JobKind | undefined, end: JobEnd): Promise<boolean> {
    await kind?.cleanUp?.(manager, job);
    return this.#announce(manager, job, kind, end);
  }

  // A job that was tried anew after its end has another one, which is another event.
  async #announce(manager: EntityManager, job: EndingJob, kind: JobKind | undefined, end: JobEnd): Promise<boolean> {
    const announcement = kind?.announce?.(job, end);
    if (!announcement) return false;
    const id = `evt_${job.id}_${String(job.attempt)}`;
    return this.announcer.announceWithin(manager, job.projectId, { id, ...announcement });
  }

  async #update(manager: EntityManager, { id, attempt }: AttemptKey, values: Values): Promise<boolean> {
    const { affected } = await manager.update(JobEntity, { id, attempt, status: 'running' }, values);
    return affected === 1;
  }
}

function toValues(notes: JobNotes | null): Values {
  if (!notes) return {};
  const { progress, stage, stages } = notes;
  return { stage, stages, ...(progress && { progressDone: progress.done, progressTotal: progress.total }) };
}

/** The job as the clean-up of its kind is told of it. */
export function toOverJob({ id, projectId, payload }: JobEntity): OverJob<JsonObject> {
  return { id, projectId, payload: payload as JsonObject };
}

function toEndingJob(entity: JobEntity): EndingJob {
  return { ...toOverJob(entity), attempt: entity.attempt };
}

/** The job as its owner sees it. */
export function toJob(entity: JobEntity): Job {
  const { id, kind, projectId, status, stage, result, createdAt, startedAt, finishedAt } = entity;
  return {
    id,
    kind,
    projectId,
    status,
    progress: { done: entity.progressDone, total: entity.progressTotal },
    stage,
    stages: entity.stages as JobStage[],
    error: status === 'failed' ? { code: entity.errorCode ?? '', message: entity.errorMessage ?? '' } : null,
    result: result as JsonObject | null,
    createdAt,
    startedAt,
    finishedAt,
  };
}
