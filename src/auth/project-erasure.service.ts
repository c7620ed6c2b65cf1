import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../core/clock.js';

/** Removes, in the transaction, all that a feature keeps for a project. Called more than once. */
export type Eraser = (manager: EntityManager, projectId: string) => Promise<void>;

const LOOK_MS = 60_000;
/** Jobs and uploads that were under way when a project was deleted may still store something; they are over after this. */
const SETTLE_SECONDS = 300;

/** Removes what deleted projects have stored: soon after, and again when nothing can be added any more. */
@Injectable()
export class ProjectErasure implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('Projects');
  readonly #erasers: Eraser[] = [forgetRetiredSecrets];
  #running: Promise<void> | null = null;
  #cancelNext: (() => void) | null = null;
  #isStopped = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** For a feature that stores something for projects, before the application is up. Erasers run in the order they came. */
  register(eraser: Eraser): void {
    this.#erasers.push(eraser);
  }

  /** What an earlier process left behind is removed too. */
  onApplicationBootstrap(): void {
    this.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    this.#cancelNext?.();
    await this.#running;
  }

  /** Begins to remove what is there to remove, unless that is under way. */
  start(): void {
    if (this.#isStopped || this.#running) return;
    this.#cancelNext?.();
    this.#running = this.#eraseAll()
      .catch((error: unknown) => {
        this.#logger.warn(`A deleted project could not be erased yet: ${(error as Error).message}`);
      })
      .finally(() => {
        this.#running = null;
        if (this.#isStopped) return;
        this.#cancelNext = this.clock.schedule(() => {
          this.start();
        }, LOOK_MS);
      });
  }

  async #eraseAll(): Promise<void> {
    const rows = await this.dataSource.query<{ id: string; is_settled: boolean }[]>(
      `select id, deleted_at < now() - make_interval(secs => $1) and not exists (
           select from usage_request where project_id = project.id and status = 'open') as is_settled
         from project where deleted_at is not null and erased_at is null`,
      [SETTLE_SECONDS],
    );
    for (const { id, is_settled: isSettled } of rows) {
      for (const erase of this.#erasers) await this.dataSource.transaction((manager) => erase(manager, id));
      if (isSettled) await this.dataSource.query('update project set erased_at = now() where id = $1', [id]);
    }
  }
}

/** Revoked keys stay for the ledger; what opened them before is of no use to it. */
async function forgetRetiredSecrets(manager: EntityManager, projectId: string): Promise<void> {
  await manager.query('delete from retired_secret where key_id in (select id from api_key where project_id = $1)', [
    projectId,
  ]);
}
