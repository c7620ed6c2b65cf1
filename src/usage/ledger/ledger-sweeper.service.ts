import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '../../core/clock.js';
import { DatabaseConnection } from '../../database/database-connection.js';
import { InstanceHeartbeatService } from '../../database/instance-heartbeat.service.js';
import { LedgerReplay, type LeftLog } from './ledger-replay.service.js';
import { LedgerStore } from './ledger-store.js';
import { describe } from './write-entries.js';

const SWEEP_MS = 10_000;

/** Looks, at the start and every ten seconds, for processes that died with requests under way, and settles those. */
@Injectable()
export class LedgerSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(LedgerSweeper.name);
  #cancelNext: (() => void) | null = null;
  #sweeping: Promise<void> | null = null;
  #isStopped = false;

  constructor(
    private readonly replay: LedgerReplay,
    private readonly store: LedgerStore,
    private readonly heartbeat: InstanceHeartbeatService,
    private readonly connection: DatabaseConnection,
    private readonly clock: Clock,
  ) {}

  /** What the last process left is settled before the first request comes: its reservations would stand in its way. */
  onApplicationBootstrap(): Promise<void> {
    return this.#run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    this.#cancelNext?.();
    await this.#sweeping;
  }

  /** Settles what dead processes left. Any number of replicas may do so at once. */
  async sweep(): Promise<void> {
    // Asked first: who begins in between is among the living.
    const known = await this.store.instances();
    const logs = await this.replay.leftLogs();
    const live = new Set(await this.heartbeat.liveIds());
    live.add(this.heartbeat.instanceId);
    const dead = new Set(known.filter((id) => !live.has(id)));
    for (const log of logs) {
      if (log.instanceId === this.heartbeat.instanceId || !this.#isDead(log, live)) continue;
      const lost = await this.replay.replay(log);
      if (lost > 0) this.#logger.warn(`${String(lost)} requests died with the process ${log.instanceId}.`);
      dead.add(log.instanceId);
    }
    for (const instanceId of dead) {
      const abandoned = await this.replay.abandon(instanceId);
      if (abandoned > 0) this.#logger.warn(`${String(abandoned)} requests died with the process ${instanceId}.`);
    }
  }

  // A process that was seen to be gone need not be waited for, though its last sign of life is fresh; and one that runs
  // may be cut off from the database, and settles itself.
  #isDead({ instanceId, isRunning }: LeftLog, live: ReadonlySet<string>): boolean {
    return isRunning === null ? this.connection.isOwner || !live.has(instanceId) : !isRunning;
  }

  async #run(): Promise<void> {
    this.#sweeping = this.sweep().catch((error: unknown) => {
      this.#logger.warn(`Requests that dead processes left open could not be settled yet: ${describe(error)}`);
    });
    await this.#sweeping;
    if (this.#isStopped) return;
    this.#cancelNext = this.clock.schedule(() => {
      void this.#run();
    }, SWEEP_MS);
  }
}
