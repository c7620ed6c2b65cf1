import { Injectable, type OnModuleInit } from '@nestjs/common';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { HttpToolConfig } from '../../config/tools-config.js';
import type { CallContext } from '../../core/call-context.js';
import { VettedFetch } from '../../egress/vetted-fetch.js';
import type { ServerTool } from '../server-tool.js';
import { StoredTools } from '../stored/stored-tools.service.js';
import { ToolDirectory } from '../tool-directory.service.js';
import type { ToolSource } from '../tool-source.js';
import { type HttpTool, toServerTool } from './http-tools.js';

/** HTTP tools: those of the models file, and those that were made by `/admin/tools`. */
@Injectable()
export class HttpToolSource implements ToolSource, OnModuleInit {
  readonly kind = 'http';

  constructor(
    private readonly gateway: GatewayConfig,
    private readonly stored: StoredTools,
    private readonly vetted: VettedFetch,
    private readonly directory: ToolDirectory,
  ) {}

  onModuleInit(): void {
    this.directory.register(this);
  }

  async find(name: string, { principal }: CallContext): Promise<readonly ServerTool[]> {
    const listed = this.#ofFile(principal.projectId).find((tool) => tool.name === name);
    const found = listed ? ofFile(listed) : await this.stored.findForProject(principal.projectId, name);
    return found ? [toServerTool(found, this.vetted)] : [];
  }

  async list({ principal }: CallContext): Promise<readonly string[]> {
    const names = [
      ...this.#ofFile(principal.projectId).map(({ name }) => name),
      ...(await this.stored.namesForProject(principal.projectId)),
    ];
    return [...new Set(names)].map((name) => `http:${name}`);
  }

  #ofFile(projectId: string): HttpToolConfig[] {
    return this.gateway.tools.http.filter(({ projects }) => projects?.includes(projectId) ?? true);
  }
}

function ofFile(tool: HttpToolConfig): HttpTool {
  return { ...tool, isTrusted: true, headers: () => Promise.resolve(tool.headers) };
}
