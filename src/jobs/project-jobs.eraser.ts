import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ProjectErasure } from '../auth/project-erasure.service.js';

/** Removes the jobs of deleted projects; those that run notice it within a second and stop. */
@Injectable()
export class ProjectJobsEraser implements OnModuleInit {
  constructor(private readonly erasure: ProjectErasure) {}

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query('delete from job where project_id = $1', [projectId]);
    });
  }
}
