import { PgBoss } from 'pg-boss';
import type { DatabaseConnection } from '../database/database-connection.js';
import type { JobQueueSettings } from './job-queue-settings.js';

/** Nobody waits for polls and heartbeats, and a heartbeat that gave up too early would cost a running job its worker. */
const ACQUIRE_TIMEOUT_MS = 5_000;
/** Jobs that wait for other jobs, which pg-boss has and nobody here makes. */
const FLOWS_EVERY_SECONDS = 3_600;

const OWNER_CHECK_SECONDS = 60;

/** Where pg-boss keeps its tables. */
export function bossSchema({ schema }: DatabaseConnection): string {
  return `${schema}_jobs`;
}

/** pg-boss on the database of the connection, in a schema of its own; it is not started yet. */
export function createBoss(connection: DatabaseConnection, settings: JobQueueSettings): PgBoss {
  const { isEmbedded } = connection;
  const { runsJobs } = settings;
  // No worker dies there without the process, which takes up what it left when it starts.
  const checkSeconds = connection.isOwner ? OWNER_CHECK_SECONDS : settings.heartbeatCheckSeconds;
  const pool = connection.poolConfig({ max: isEmbedded || !runsJobs ? 2 : 4, applicationName: 'trunkline-jobs' });
  const driver = { ...pool, query_timeout: pool.answerTimeoutMillis };
  return new PgBoss({
    ...driver,
    connectionTimeoutMillis: Math.max(pool.connectionTimeoutMillis ?? 0, ACQUIRE_TIMEOUT_MS),
    schema: bossSchema(connection),
    schedule: false,
    // Whoever runs jobs looks after those whose worker died.
    supervise: runsJobs,
    superviseIntervalSeconds: checkSeconds,
    monitorIntervalSeconds: checkSeconds,
    flowIntervalSeconds: FLOWS_EVERY_SECONDS,
    // One session serves everybody there: nothing runs beside it that could bloat an index or hold vacuum back.
    ...(isEmbedded && { reindex: false, monitorVacuum: false }),
  });
}
