import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ProjectErasure } from '../../auth/project-erasure.service.js';
import { deleteCollection } from '../store/delete-document.js';

/** Removes the collections of deleted projects with all that is in them. */
@Injectable()
export class ProjectCollectionsEraser implements OnModuleInit {
  constructor(private readonly erasure: ProjectErasure) {}

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      const rows = await manager.query<{ id: string }[]>(
        'select id from collection where project_id = $1 order by id',
        [projectId],
      );
      for (const { id } of rows) await deleteCollection(manager, projectId, id);
    });
  }
}
