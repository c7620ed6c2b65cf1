import { IsIn, IsOptional, Matches } from 'class-validator';
import { ListQueryDto } from '../http/list-query.dto.js';
import type { Job, JobStage, JobStatus } from './job.js';

const STATUSES: readonly JobStatus[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

/** Which jobs are wanted. */
export class JobListQueryDto extends ListQueryDto {
  /**
   * Only jobs of this kind.
   * @example batch
   */
  @IsOptional()
  @Matches(/^[a-z][a-z-]{0,63}$/, { message: '`kind` must be the kind of a job, such as `batch`' })
  kind?: string;

  /** Only jobs that stand so. */
  @IsOptional()
  @IsIn(STATUSES)
  status?: JobStatus;
}

/** How far a job is. */
export class JobProgressDto {
  /** Units of work that are done. */
  done!: number;

  /** Units of work in all; 0 while that is not known. */
  total!: number;
}

/** Why a job failed. */
export class JobErrorDto {
  /** A stable code. */
  code!: string;

  /** What went wrong, in words. */
  message!: string;
}

/** How one stage of a job stands. */
export class JobStageDto {
  /**
   * What is done in it.
   * @example embedding
   */
  name!: string;

  /** Where it stands. */
  status!: 'running' | 'done' | 'failed';

  /** How many attempts at the job came to it. */
  attempts!: number;

  /** How far it is. */
  progress!: JobProgressDto;

  /** Why it failed the last time, while it is not done. */
  error?: JobErrorDto;
}

/** A background job. */
export class JobDto {
  /**
   * The job's id.
   * @example job_0123456789ABCDEFGHJKMNPQ
   */
  id!: string;

  /**
   * What the job does.
   * @example index
   */
  kind!: string;

  /** Where the job stands. */
  status!: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

  /** How far the job is. */
  progress!: JobProgressDto;

  /** The stage that it is at, or ended at; null before the first. */
  stage!: string | null;

  /** Its stages so far, in the order they began. */
  stages!: JobStageDto[];

  /** Why the job failed; only of a failed job. */
  error?: JobErrorDto;

  /** What the job made; only of a succeeded job that made something. */
  result?: Record<string, unknown>;

  /** When the job was put in the queue (RFC 3339). */
  created_at!: string;

  /** When its first attempt began (RFC 3339); null before. */
  started_at!: string | null;

  /** When it ended, in whatever way (RFC 3339); null before. */
  finished_at!: string | null;
}

/** A page of jobs. */
export class JobListDto {
  object!: 'list';

  data!: JobDto[];

  /** Whether there are more behind them. */
  has_more!: boolean;

  first_id!: string | null;

  last_id!: string | null;
}

/** The job in the form of the API. */
export function toJobDto(job: Job): JobDto {
  const status: JobStatus = job.status;
  return {
    id: job.id,
    kind: job.kind,
    status,
    progress: job.progress,
    stage: job.stage,
    stages: job.stages.map(toStageDto),
    ...(job.error && { error: job.error }),
    ...(job.result && { result: job.result }),
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
  };
}

function toStageDto({ name, status, attempts, done, total, error }: JobStage): JobStageDto {
  return { name, status, attempts, progress: { done, total }, ...(error && { error }) };
}
