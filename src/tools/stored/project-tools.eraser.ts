import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ProjectErasure } from '../../auth/project-erasure.service.js';

/** Removes the tools of deleted projects. */
@Injectable()
export class ProjectToolsEraser implements OnModuleInit {
  constructor(private readonly erasure: ProjectErasure) {}

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query('delete from server_tool where project_id = $1', [projectId]);
    });
  }
}
