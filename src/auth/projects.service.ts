import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { AppError } from '../core/errors/app-error.js';
import { newId } from '../core/ids.js';
import { listNewest, type Page, type PageRequest } from './list-newest.js';
import { ProjectEntity } from './project.entity.js';

const ID_SHAPE = /^proj_[0-9A-Za-z]{1,64}$/;

/** The projects that own everything else. */
@Injectable()
export class ProjectsService {
  constructor(@InjectRepository(ProjectEntity) private readonly projects: Repository<ProjectEntity>) {}

  async create(name: string): Promise<ProjectEntity> {
    const id = newId('proj_');
    await this.projects.insert({ id, name, disabledAt: null });
    return this.get(id);
  }

  /** Throws `invalid_cursor`. */
  list(page: PageRequest): Promise<Page<ProjectEntity>> {
    return listNewest(this.projects, page);
  }

  /** Throws `not_found`; `param` names the field of a body that the id came from. */
  async get(id: string, param?: string): Promise<ProjectEntity> {
    const project = ID_SHAPE.test(id) ? await this.projects.findOneBy({ id }) : null;
    if (!project) throw new AppError('not_found', 'There is no such project.', { param });
    return project;
  }
}
