import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ProjectErasure } from '../auth/project-erasure.service.js';

/** Removes what was answered to the requests of deleted projects. */
@Injectable()
export class ProjectAnswersEraser implements OnModuleInit {
  constructor(private readonly erasure: ProjectErasure) {}

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query('delete from idempotency_record where project_id = $1', [projectId]);
    });
  }
}
