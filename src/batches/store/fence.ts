import type { DataSource, EntityManager } from 'typeorm';
import { holdAttempts } from '../../jobs/hold-attempts.js';
import { JobInterruption } from '../../jobs/job-interruption.js';
import type { RunningJob } from '../../jobs/job.js';

/** Which attempt at a job writes. */
export type Attempt = Pick<RunningJob<never>, 'id' | 'attempt'>;

/**
 * A transaction of an attempt that still counts. Rejects with JobInterruption, and nothing is written, for one whose job was
 * cancelled or taken over: it may have slept for long and not know yet.
 */
export function fenced<T>(
  dataSource: DataSource,
  { id, attempt }: Attempt,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return dataSource.transaction(async (manager) => {
    if (!(await holdAttempts(manager, [{ id, attempt }])).has(id)) throw new JobInterruption('taken-over');
    return work(manager);
  });
}
