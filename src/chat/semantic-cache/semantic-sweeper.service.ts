import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { ProjectErasure } from '../../auth/project-erasure.service.js';
import { Clock } from '../../core/clock.js';
import { RecurringTask } from '../../core/recurring-task.js';
import { SemanticStore } from './semantic-store.js';

const SWEEP_EVERY_MS = 60_000;

/** Deletes answers whose time is over, and those of deleted projects. */
@Injectable()
export class SemanticSweeper implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(SemanticSweeper.name);
  readonly #task: RecurringTask;

  constructor(
    private readonly erasure: ProjectErasure,
    store: SemanticStore,
    clock: Clock,
  ) {
    this.#task = new RecurringTask(clock, {
      everyMs: SWEEP_EVERY_MS,
      run: () => store.deleteExpired(),
      failed: ({ message }) => {
        this.#logger.warn(`Old answers of the semantic cache could not be deleted: ${message}`);
      },
    });
  }

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query('delete from semantic_cache_entry where project_id = $1', [projectId]);
    });
  }

  onApplicationBootstrap(): void {
    this.#task.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#task.stop();
  }
}
