import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  ListToolsResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { McpServerConfig } from '../../config/tools-config.js';
import { mcpFetch } from './mcp-fetch.js';
import type { McpClient, McpClientEvents, McpTool } from './mcp-client.js';

const MOST_PAGES = 50;
const MOST_TOOLS = 1_000;
/** What a model can be told of in reason; a server may say anything. */
const MOST_NAME_CHARACTERS = 256;
const MOST_SCHEMA_CHARACTERS = 65_536;
const MOST_MESSAGE_BYTES = 16 * 1024 ** 2;
const MOST_LAST_WORDS = 500;
const GOODBYE_MS = 1_000;

/** A client of the server that has introduced itself. Rejects when it does not within its time, or when the signal fires. */
export async function openMcpClient(
  config: McpServerConfig,
  events: McpClientEvents,
  signal: AbortSignal,
): Promise<McpClient> {
  const client = new Client({ name: 'trunkline', version: '1' }, { capabilities: {} });
  const { transport, goodbye } = transportOf(config, events);
  let isOpen = false;
  client.onclose = () => {
    if (isOpen) events.closed();
  };
  // Requests that it concerns fail by themselves.
  client.onerror = () => undefined;
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    events.toolsChanged();
  });
  const close = async (): Promise<void> => {
    await goodbye().catch(() => undefined);
    await client.close();
  };
  try {
    await client.connect(transport, { timeout: config.connectMs, signal });
    isOpen = true;
  } catch (error) {
    await client.close().catch(() => undefined);
    throw error;
  }
  return {
    listTools: () => listTools(client, config.connectMs),
    callTool: (name, input, options) =>
      client.request({ method: 'tools/call', params: { name, arguments: input } }, CallToolResultSchema, options),
    ping: async () => {
      await client.ping({ timeout: config.connectMs });
    },
    close,
  };
}

// Asked in the protocol's own words: the client's helpers would compile every schema that the server sends.
async function listTools(client: Client, timeout: number): Promise<McpTool[]> {
  const tools: McpTool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && tools.length < MOST_TOOLS; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await client.request({ method: 'tools/list', params }, ListToolsResultSchema, { timeout });
    tools.push(...(answer.tools as McpTool[]).filter(isOfUse));
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return tools.slice(0, MOST_TOOLS);
}

function isOfUse({ name, inputSchema }: McpTool): boolean {
  const isNamed = name !== '' && name.length <= MOST_NAME_CHARACTERS && !/\s|\p{C}/u.test(name);
  return isNamed && JSON.stringify(inputSchema).length <= MOST_SCHEMA_CHARACTERS;
}

interface Reach {
  readonly transport: Transport;
  /** Ends the session at the server, where that is a thing of its own. */
  readonly goodbye: () => Promise<void>;
}

function transportOf({ transport: config }: McpServerConfig, events: McpClientEvents): Reach {
  if (config.kind === 'stdio') {
    const { command, args, env, cwd } = config;
    const options = { command, args: [...args], env: { ...env }, cwd, maxBufferSize: MOST_MESSAGE_BYTES };
    const transport = new StdioClientTransport({ ...options, stderr: 'pipe' });
    // Read in any case: a program whose output nobody reads comes to a halt.
    transport.stderr?.on('data', (piece: Buffer) => {
      events.said(piece.toString('utf8').slice(-MOST_LAST_WORDS));
    });
    return { transport, goodbye: () => Promise.resolve() };
  }
  const transport = new StreamableHTTPClientTransport(new URL(config.url), {
    requestInit: { headers: { ...config.headers } },
    fetch: mcpFetch(MOST_MESSAGE_BYTES),
  });
  const goodbye = (): Promise<void> =>
    Promise.race([
      transport.terminateSession(),
      new Promise<void>((resolve) => setTimeout(resolve, GOODBYE_MS).unref()),
    ]);
  return { transport, goodbye };
}
