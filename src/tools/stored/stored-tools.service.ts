import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Brackets, type Repository, type SelectQueryBuilder } from 'typeorm';
import type { JsonObject } from '../../core/json.js';
import type { HttpTool } from '../http/http-tools.js';
import { ServerToolEntity } from './server-tool.entity.js';
import { ToolHeaders } from './tool-headers.js';

/** The HTTP tools that administrators made, as requests find them. */
@Injectable()
export class StoredTools {
  constructor(
    @InjectRepository(ServerToolEntity) private readonly tools: Repository<ServerToolEntity>,
    private readonly headers: ToolHeaders,
  ) {}

  /** The project's tool of the name, its own before one of all projects; null when it has none. */
  async findForProject(projectId: string, name: string): Promise<HttpTool | null> {
    // No name has it, and the database refuses it.
    if (name.includes('\0')) return null;
    const found = await this.#ofProject(projectId)
      .andWhere('tool.name = :name', { name })
      .orderBy('tool.projectId', 'ASC', 'NULLS LAST')
      .getOne();
    return found && this.#toHttpTool(found);
  }

  async namesForProject(projectId: string): Promise<string[]> {
    const found = await this.#ofProject(projectId).orderBy('tool.name').limit(100).getMany();
    return found.map(({ name }) => name);
  }

  #ofProject(projectId: string): SelectQueryBuilder<ServerToolEntity> {
    const either = new Brackets((where) =>
      where.where('tool.projectId = :projectId', { projectId }).orWhere('tool.projectId is null'),
    );
    return this.tools.createQueryBuilder('tool').where(either);
  }

  #toHttpTool(stored: ServerToolEntity): HttpTool {
    const { name, description, parameters, url, method, argumentsIn, timeoutMs, maxResponseBytes } = stored;
    return {
      ...{ name, description, url, method, argumentsIn, timeoutMs, maxResponseBytes },
      parameters: parameters as JsonObject,
      isTrusted: false,
      headers: () => this.headers.open(stored),
    };
  }
}
