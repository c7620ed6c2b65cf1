import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ProjectErasure } from '../../auth/project-erasure.service.js';
import { Housekeeping } from '../../core/housekeeping.js';
import { SemanticStore } from './semantic-store.js';

const SWEEP_EVERY_MS = 60_000;

/** Deletes answers whose time is over, and those of deleted projects. */
@Injectable()
export class SemanticSweeper implements OnModuleInit {
  constructor(
    private readonly erasure: ProjectErasure,
    store: SemanticStore,
    housekeeping: Housekeeping,
  ) {
    housekeeping.add({
      everyMs: SWEEP_EVERY_MS,
      run: () => store.deleteExpired(),
      complaint: 'Old answers of the semantic cache could not be deleted',
    });
  }

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query('delete from semantic_cache_entry where project_id = $1', [projectId]);
    });
  }
}
