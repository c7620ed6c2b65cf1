import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ProjectErasure } from '../../auth/project-erasure.service.js';

/** Removes what providers want back with the tool calls of deleted projects. */
@Injectable()
export class ProjectThoughtsEraser implements OnModuleInit {
  constructor(private readonly erasure: ProjectErasure) {}

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query('delete from provider_state where project_id = $1', [projectId]);
    });
  }
}
