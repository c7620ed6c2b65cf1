import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../core/clock.js';
import { Housekeeping } from '../core/housekeeping.js';
import { newId } from '../core/ids.js';
import { LiveInstances } from '../core/live-instances.js';
import { DatabaseConnection } from './database-connection.js';

const BEAT_MS = 5_000;
/** What a machine that keeps its time never comes to. */
const NOTED_SKEW_MS = 2_000;
/** An instance that was silent for this long is dead; SQL may use it against `instance.heartbeat_at`. */
export const INSTANCE_DEAD_AFTER_SECONDS = 30;

/** Says that this process is alive, so that another one can take over what a dead one left open. */
@Injectable()
export class InstanceHeartbeatService implements OnModuleInit, BeforeApplicationShutdown {
  /** The id of this process, new at every start. */
  readonly instanceId = newId('inst_');
  readonly #logger = new Logger(InstanceHeartbeatService.name);
  #cancelNext: (() => void) | null = null;
  #isStopped = false;
  #clockSkewMs = 0;
  #isSkewNoted = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly connection: DatabaseConnection,
    private readonly clock: Clock,
    private readonly liveInstances: LiveInstances,
    private readonly housekeeping: Housekeeping,
  ) {}

  async onModuleInit(): Promise<void> {
    // The embedded database has one owner: whoever else is in the table died without a word.
    if (this.connection.isOwner) await this.dataSource.query('delete from instance');
    await this.#beat();
    this.#schedule();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    this.#cancelNext?.();
    try {
      await this.dataSource.query('delete from instance where id = $1', [this.instanceId]);
    } catch {
      // The database may be the reason for the shutdown; silence says the same after half a minute.
    }
  }

  /** How far the wall clock of this process is ahead of the database's, which all replicas go by; less than 0 when behind. */
  get clockSkewMs(): number {
    return this.#clockSkewMs;
  }

  /** The ids of all processes that are alive, this one included. */
  async liveIds(): Promise<string[]> {
    return (await this.#live()).map(({ id }) => id);
  }

  #schedule(): void {
    this.#cancelNext = this.clock.schedule(() => {
      this.#beat()
        .catch((error: unknown) => {
          this.#logger.warn(`The heartbeat could not be written: ${(error as Error).message}`);
        })
        .finally(() => {
          if (!this.#isStopped) this.#schedule();
        });
    }, BEAT_MS);
  }

  async #beat(): Promise<void> {
    const askedAt = this.clock.monotonic();
    const [row] = await this.dataSource.query<{ at_ms: number }[]>(
      `insert into instance (id, runs_jobs) values ($1, $2) on conflict (id) do update set heartbeat_at = now()
       returning (extract(epoch from clock_timestamp()) * 1000)::double precision as at_ms`,
      [this.instanceId, this.housekeeping.isOurs],
    );
    if (row) this.#noteSkew(this.clock.now() - row.at_ms, this.clock.monotonic() - askedAt);
    const live = await this.#live();
    this.liveInstances.set(live.length, live.filter((instance) => instance.runs_jobs).length);
  }

  // The database looked at its clock some time between question and answer.
  #noteSkew(latestMs: number, uncertainMs: number): void {
    this.#clockSkewMs = latestMs > 0 ? Math.max(0, latestMs - uncertainMs) : latestMs;
    const isSkewed = Math.abs(this.#clockSkewMs) >= NOTED_SKEW_MS;
    if (isSkewed && !this.#isSkewNoted) {
      const seconds = Math.round(this.#clockSkewMs / 1_000);
      this.#logger.warn(
        `The clock of this machine is ${String(seconds)} s ahead of the database's (less than 0: behind). Keys, limits and ` +
          'budgets go by the database, but timestamps in answers, tokens of JWT issuers and the signatures of webhooks do not: ' +
          'set the clock right.',
      );
    }
    this.#isSkewNoted = isSkewed;
  }

  #live(): Promise<{ id: string; runs_jobs: boolean }[]> {
    return this.dataSource.query(
      `select id, runs_jobs from instance where heartbeat_at > now() - make_interval(secs => $1)`,
      [INSTANCE_DEAD_AFTER_SECONDS],
    );
  }
}
