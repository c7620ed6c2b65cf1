import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { type ChangeAuthor, differenceOf, recordChange } from '../../auth/audit/audit-log.js';
import { findProject } from '../../auth/projects.service.js';
import { GatewayConfig } from '../../config/gateway-config.js';
import {
  DEFAULT_TOOL_RESPONSE_BYTES,
  DEFAULT_TOOL_TIMEOUT_MS,
  defaultArgumentPlace,
  NO_PARAMETERS,
} from '../../config/tools-config.js';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import type { JsonObject } from '../../core/json.js';
import { VettedFetch } from '../../egress/vetted-fetch.js';
import { checkStoredTool } from './check-stored-tool.js';
import type { ChangeToolDto, CreateToolDto } from './stored-tool.dto.js';
import { ServerToolEntity } from './server-tool.entity.js';
import { ToolHeaders } from './tool-headers.js';

type Facts = Pick<ServerToolEntity, 'description' | 'parameters' | 'url' | 'method' | 'argumentsIn'> &
  Pick<ServerToolEntity, 'headerNames' | 'timeoutMs' | 'maxResponseBytes'>;

/** Makes, changes and deletes HTTP tools, and writes down who did. */
@Injectable()
export class ToolChanges {
  constructor(
    private readonly dataSource: DataSource,
    private readonly gateway: GatewayConfig,
    private readonly vetted: VettedFetch,
    private readonly headers: ToolHeaders,
  ) {}

  /** Throws what `checkStoredTool` throws, `not_found` for the project, `conflict` for a name that is taken. */
  async create(wanted: CreateToolDto, author: ChangeAuthor): Promise<ServerToolEntity> {
    const { name, project_id: projectId = null, method = 'GET' } = wanted;
    const id = newId('tool_');
    const facts = {
      description: wanted.description,
      parameters: wanted.parameters ?? NO_PARAMETERS,
      url: wanted.url,
      method,
      argumentsIn: wanted.arguments ?? defaultArgumentPlace(method),
      timeoutMs: wanted.timeout_ms ?? DEFAULT_TOOL_TIMEOUT_MS,
      maxResponseBytes: wanted.max_response_bytes ?? DEFAULT_TOOL_RESPONSE_BYTES,
    };
    checkStoredTool({ ...facts, headers: wanted.headers ?? {} }, this.vetted);
    if (this.gateway.tools.http.some((tool) => tool.name === name)) throw nameTaken(name, 'the configuration file has');
    const sealed = await this.headers.seal(id, wanted.headers ?? {});
    return this.dataSource.transaction(async (manager) => {
      if (projectId !== null) await findProject(manager, projectId, 'project_id');
      const insert = manager.createQueryBuilder().insert().into(ServerToolEntity).orIgnore();
      await insert.values({ id, projectId, name, ...facts, ...sealed }).execute();
      const made = await manager.findOneBy(ServerToolEntity, { id });
      if (!made) throw nameTaken(name, 'there is');
      const changes = differenceOf(null, { name, project_id: projectId, ...factsOf(made) });
      await recordChange(manager, author, { action: 'tool.create', target: id, changes });
      return made;
    });
  }

  /** Throws `not_found`, and what `checkStoredTool` throws. */
  async change(id: string, wanted: ChangeToolDto, author: ChangeAuthor): Promise<ServerToolEntity> {
    const sealed = wanted.headers === undefined ? null : await this.headers.seal(id, wanted.headers);
    return this.dataSource.transaction(async (manager) => {
      const tool = await findTool(manager, id, 'change');
      const before = factsOf(tool);
      if (!sealed) requireSameOrigin(tool, wanted.url);
      Object.assign(tool, sealed, changesOf(wanted));
      const headers = wanted.headers ?? Object.fromEntries(tool.headerNames.map((name) => [name, '']));
      checkStoredTool({ url: tool.url, parameters: tool.parameters, headers }, this.vetted);
      const changes = differenceOf(before, factsOf(tool));
      // New values of the same headers are a change too, of which nothing can be shown.
      if (sealed && !changes.headers) changes.headers = { from: before.headers ?? null, to: 'replaced' };
      if (Object.keys(changes).length === 0) return tool;
      tool.updatedAt = await timeOf(manager);
      await manager.save(ServerToolEntity, tool);
      await recordChange(manager, author, { action: 'tool.change', target: id, changes });
      return tool;
    });
  }

  /** Throws `not_found`. */
  async delete(id: string, author: ChangeAuthor): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const { name } = await findTool(manager, id, 'change');
      await manager.delete(ServerToolEntity, { id });
      await recordChange(manager, author, { action: 'tool.delete', target: id, changes: { name } });
    });
  }

  /** Throws `not_found`. */
  get(id: string): Promise<ServerToolEntity> {
    return findTool(this.dataSource.manager, id, 'look');
  }
}

async function findTool(manager: EntityManager, id: string, purpose: 'look' | 'change'): Promise<ServerToolEntity> {
  const lock = purpose === 'change' ? ({ mode: 'pessimistic_write' } as const) : undefined;
  const isId = /^tool_[0-9A-Za-z]{1,64}$/u.test(id);
  const tool = isId ? await manager.findOne(ServerToolEntity, { where: { id }, lock }) : null;
  if (!tool) throw new AppError('not_found', 'There is no such tool.');
  return tool;
}

function changesOf(wanted: ChangeToolDto): Partial<ServerToolEntity> {
  const changes = {
    description: wanted.description,
    parameters: wanted.parameters,
    url: wanted.url,
    method: wanted.method,
    argumentsIn: wanted.arguments,
    timeoutMs: wanted.timeout_ms,
    maxResponseBytes: wanted.max_response_bytes,
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

// Secrets that nobody can read must not be sent to a place of somebody's choice either.
function requireSameOrigin({ url, headerNames }: ServerToolEntity, wantedUrl: string | undefined): void {
  if (wantedUrl === undefined || headerNames.length === 0) return;
  if (URL.parse(wantedUrl)?.origin === new URL(url).origin) return;
  const message =
    '`headers` must be given again with a `url` of another origin: the stored ones were meant for the old one.';
  throw new InvalidRequestError('missing_required_parameter', message, { param: 'headers' });
}

/** What may be written down of a tool: of its headers the names. */
function factsOf(tool: Facts): JsonObject {
  return {
    description: tool.description,
    parameters: tool.parameters as JsonObject,
    url: tool.url,
    method: tool.method,
    arguments: tool.argumentsIn,
    headers: [...tool.headerNames],
    timeout_ms: tool.timeoutMs,
    max_response_bytes: tool.maxResponseBytes,
  };
}

async function timeOf(manager: EntityManager): Promise<Date> {
  const [row] = await manager.query<{ now: Date }[]>('select now() as now');
  return row?.now ?? new Date();
}

function nameTaken(name: string, who: string): AppError {
  return new AppError('conflict', `The name is taken: ${who} a tool http:${name} already.`, { param: 'name' });
}
