import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ProjectErasure } from '../../auth/project-erasure.service.js';

/** Removes the webhooks of deleted projects, with their deliveries. */
@Injectable()
export class ProjectWebhooksEraser implements OnModuleInit {
  constructor(private readonly erasure: ProjectErasure) {}

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query('delete from webhook where project_id = $1', [projectId]);
    });
  }
}
