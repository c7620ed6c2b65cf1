import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../core/clock.js';
import { newId } from '../core/ids.js';
import { LiveInstances } from '../core/live-instances.js';
import { DatabaseConnection } from './database-connection.js';

const BEAT_MS = 5_000;
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

  constructor(
    private readonly dataSource: DataSource,
    private readonly connection: DatabaseConnection,
    private readonly clock: Clock,
    private readonly liveInstances: LiveInstances,
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

  /** The ids of all processes that are alive, this one included. */
  async liveIds(): Promise<string[]> {
    const rows: { id: string }[] = await this.dataSource.query(
      `select id from instance where heartbeat_at > now() - make_interval(secs => $1)`,
      [INSTANCE_DEAD_AFTER_SECONDS],
    );
    return rows.map(({ id }) => id);
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
    await this.dataSource.query(
      'insert into instance (id) values ($1) on conflict (id) do update set heartbeat_at = now()',
      [this.instanceId],
    );
    this.liveInstances.set((await this.liveIds()).length);
  }
}
