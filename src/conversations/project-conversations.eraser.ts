import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ProjectErasure } from '../auth/project-erasure.service.js';

/** Removes the conversations of deleted projects with all that was said in them. */
@Injectable()
export class ProjectConversationsEraser implements OnModuleInit {
  constructor(private readonly erasure: ProjectErasure) {}

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query('delete from conversation where project_id = $1', [projectId]);
    });
  }
}
