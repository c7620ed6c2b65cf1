import type { JsonObject } from '../core/json.js';

/** How an HTTP tool may be asked. */
export const HTTP_TOOL_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type HttpToolMethod = (typeof HTTP_TOOL_METHODS)[number];

/** Where the arguments of an HTTP tool go that its URL does not name. */
export const ARGUMENT_PLACES = ['query', 'body'] as const;
export type ArgumentPlace = (typeof ARGUMENT_PLACES)[number];

/** A tool that is an HTTP request. */
export interface HttpToolConfig {
  readonly name: string;
  /** For the model. */
  readonly description: string;
  /** A JSON Schema of type object. */
  readonly parameters: JsonObject;
  /** With `{name}` where an argument goes, in its path or its query. */
  readonly url: string;
  readonly method: HttpToolMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly argumentsIn: ArgumentPlace;
  /** For the whole request, in milliseconds. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  /** The ids of the projects that may use it; null means all. */
  readonly projects: readonly string[] | null;
}

/** Where an MCP server is found: at a URL, or as a program that is started here. */
export type McpTransportConfig =
  | { readonly kind: 'http'; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly kind: 'stdio';
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
    };

/** An MCP server whose tools models may use. */
export interface McpServerConfig {
  readonly name: string;
  readonly transport: McpTransportConfig;
  /** The names of its tools that may be used; null means all. */
  readonly tools: readonly string[] | null;
  /** For one use of a tool, in milliseconds. */
  readonly timeoutMs: number;
  /** Until it has answered that it is there, and for its list of tools, in milliseconds. */
  readonly connectMs: number;
  /** The ids of the projects that may use it; null means all. */
  readonly projects: readonly string[] | null;
}

/** How far a model may go with tools in one request. */
export interface ToolLoopConfig {
  /** Answers of the model, the last one included. */
  readonly maxSteps: number;
  /** After so many milliseconds no tool is run any more. */
  readonly maxMs: number;
  /** USD after which no tool is run any more; null leaves it to budgets. */
  readonly maxCostUsd: number | null;
  /** Tools of one request that run at the same time. */
  readonly parallelCalls: number;
  /** Tokens of a result; the rest of a longer one is cut. */
  readonly maxResultTokens: number;
}

/** What the models file says about tools that the server runs. */
export interface ToolsConfig {
  readonly http: readonly HttpToolConfig[];
  readonly mcpServers: readonly McpServerConfig[];
  readonly loop: ToolLoopConfig;
}

/** The JSON Schema of a tool that takes no arguments. */
export const NO_PARAMETERS: JsonObject = { type: 'object', properties: {}, additionalProperties: false };
/** Milliseconds that an HTTP tool has when nobody says. */
export const DEFAULT_TOOL_TIMEOUT_MS = 15_000;
/** Bytes that the answer of an HTTP tool may have when nobody says. */
export const DEFAULT_TOOL_RESPONSE_BYTES = 1024 ** 2;

/** Where a tool's arguments go when nobody says. */
export function defaultArgumentPlace(method: HttpToolMethod): ArgumentPlace {
  return method === 'GET' || method === 'DELETE' ? 'query' : 'body';
}
