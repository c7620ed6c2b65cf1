import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { McpServerConfig } from '../../config/tools-config.js';
import type { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import type { ServerTool } from '../server-tool.js';
import { ToolDirectory } from '../tool-directory.service.js';
import type { ToolSource } from '../tool-source.js';
import type { McpTool } from './mcp-client.js';
import { McpLink, type OpenMcpClient } from './mcp-link.js';

interface Server {
  readonly config: McpServerConfig;
  readonly link: McpLink;
}

const MOST_DESCRIPTION_CHARACTERS = 8_000;

// Loaded when a server is asked for the first time: most installations have none.
const openWhenNeeded: OpenMcpClient = async (config, events, signal) => {
  const { openMcpClient } = await import('./open-mcp-client.js');
  return openMcpClient(config, events, signal);
};

/** The tools of the MCP servers that the models file names. */
@Injectable()
export class McpToolSource implements ToolSource, OnModuleInit, OnModuleDestroy {
  readonly kind = 'mcp';
  readonly #logger = new Logger('Tools');
  readonly #servers: readonly Server[];

  constructor(
    gateway: GatewayConfig,
    clock: Clock,
    private readonly directory: ToolDirectory,
  ) {
    const warn = (message: string): void => {
      this.#logger.warn(message);
    };
    this.#servers = gateway.tools.mcpServers.map((config) => ({
      config,
      link: new McpLink({ config, clock, open: openWhenNeeded, warn }),
    }));
  }

  onModuleInit(): void {
    this.directory.register(this);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.#servers.map(({ link }) => link.close()));
  }

  /** `name` is a server, for all of its tools, or a server and a tool with a slash between them. */
  async find(name: string, call: CallContext): Promise<readonly ServerTool[]> {
    const [serverName = '', ...rest] = name.split('/');
    const server = this.#ofProject(call).find(({ config }) => config.name === serverName);
    if (!server) return [];
    const tools = allowed(server.config, await server.link.tools());
    const wanted = rest.length === 0 ? tools : tools.filter((tool) => tool.name === rest.join('/'));
    return wanted.map((tool) => toServerTool(server, tool));
  }

  list(call: CallContext): Promise<readonly string[]> {
    const names = this.#ofProject(call).flatMap(({ config, link }) => [
      `mcp:${config.name}`,
      ...allowed(config, link.known).map((tool) => `mcp:${config.name}/${tool.name}`),
    ]);
    return Promise.resolve(names);
  }

  #ofProject({ principal }: CallContext): Server[] {
    return this.#servers.filter(({ config }) => config.projects?.includes(principal.projectId) ?? true);
  }
}

function allowed({ tools }: McpServerConfig, offered: readonly McpTool[]): readonly McpTool[] {
  return tools === null ? offered : offered.filter(({ name }) => tools.includes(name));
}

function toServerTool({ config, link }: Server, tool: McpTool): ServerTool {
  const described = tool.description ?? tool.title ?? tool.name;
  return {
    name: `mcp:${config.name}/${tool.name}`,
    kind: 'mcp',
    description: described.slice(0, MOST_DESCRIPTION_CHARACTERS),
    parameters: tool.inputSchema,
    timeoutMs: config.timeoutMs,
    run: (input, { signal }) => link.run(tool.name, input, signal),
  };
}
