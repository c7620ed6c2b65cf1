import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ProjectErasure } from '../../auth/project-erasure.service.js';
import { Clock } from '../../core/clock.js';
import { SemanticStore } from './semantic-store.js';

const SWEEP_EVERY_MS = 60_000;

/** Deletes answers whose time is over, and those of deleted projects. */
@Injectable()
export class SemanticSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #cancel: (() => void) | null = null;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(
    private readonly store: SemanticStore,
    private readonly clock: Clock,
    private readonly erasure: ProjectErasure,
  ) {}

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query('delete from semantic_cache_entry where project_id = $1', [projectId]);
    });
  }

  onApplicationBootstrap(): void {
    this.#schedule();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#cancel = this.clock.schedule(() => {
      // Whatever went wrong, the next one does the same work.
      this.#running = this.store.deleteExpired().catch(() => undefined);
      void this.#running.then(() => {
        this.#schedule();
      });
    }, SWEEP_EVERY_MS);
  }
}
