import { resolve } from 'node:path';
import {
  DEFAULT_TOOL_RESPONSE_BYTES,
  DEFAULT_TOOL_TIMEOUT_MS,
  defaultArgumentPlace,
  type HttpToolConfig,
  type McpServerConfig,
  type McpTransportConfig,
  NO_PARAMETERS,
  type ToolLoopConfig,
  type ToolsConfig,
} from '../tools-config.js';
import type { HttpToolEntry, McpServerEntry, ModelsFile, ToolLoopEntry } from './models-file.js';

const DEFAULT_MCP_TIMEOUT_MS = 30_000;
const DEFAULT_MCP_CONNECT_MS = 10_000;
const DEFAULT_LOOP: ToolLoopConfig = {
  maxSteps: 8,
  maxMs: 300_000,
  maxCostUsd: null,
  parallelCalls: 4,
  maxResultTokens: 8_000,
};

/** What the file says about tools, complete; programs run relative to `directory`. */
export function toToolsConfig(file: ModelsFile, directory: string): ToolsConfig {
  return {
    http: Object.entries(file.tools ?? {}).map(([name, entry]) => toHttpTool(name, entry)),
    mcpServers: Object.entries(file.mcp_servers ?? {}).map(([name, entry]) => toMcpServer(name, entry, directory)),
    loop: toLoop(file.tool_loop ?? {}),
  };
}

function toHttpTool(name: string, entry: HttpToolEntry): HttpToolConfig {
  const method = entry.method ?? 'GET';
  return {
    name,
    description: entry.description,
    parameters: entry.parameters ?? NO_PARAMETERS,
    url: entry.url,
    method,
    headers: entry.headers ?? {},
    argumentsIn: entry.arguments ?? defaultArgumentPlace(method),
    timeoutMs: entry.timeout_ms ?? DEFAULT_TOOL_TIMEOUT_MS,
    maxResponseBytes: entry.max_response_bytes ?? DEFAULT_TOOL_RESPONSE_BYTES,
    projects: entry.projects ?? null,
  };
}

function toMcpServer(name: string, entry: McpServerEntry, directory: string): McpServerConfig {
  return {
    name,
    transport: toTransport(entry, directory),
    tools: entry.tools ?? null,
    timeoutMs: entry.timeout_ms ?? DEFAULT_MCP_TIMEOUT_MS,
    connectMs: entry.connect_ms ?? DEFAULT_MCP_CONNECT_MS,
    projects: entry.projects ?? null,
  };
}

// The check of the file demands one of the two.
function toTransport(entry: McpServerEntry, directory: string): McpTransportConfig {
  if (entry.url !== undefined) return { kind: 'http', url: entry.url, headers: entry.headers ?? {} };
  const { command = '', args = [], env = {}, cwd = '.' } = entry;
  return { kind: 'stdio', command, args, env, cwd: resolve(directory, cwd) };
}

function toLoop(entry: ToolLoopEntry): ToolLoopConfig {
  return {
    maxSteps: entry.max_steps ?? DEFAULT_LOOP.maxSteps,
    maxMs: entry.max_ms ?? DEFAULT_LOOP.maxMs,
    maxCostUsd: entry.max_cost_usd ?? DEFAULT_LOOP.maxCostUsd,
    parallelCalls: entry.parallel_calls ?? DEFAULT_LOOP.parallelCalls,
    maxResultTokens: entry.max_result_tokens ?? DEFAULT_LOOP.maxResultTokens,
  };
}
