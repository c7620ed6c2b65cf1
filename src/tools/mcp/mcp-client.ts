import type { JsonObject } from '../../core/json.js';

/** A tool as its server describes it. */
export interface McpTool {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** A JSON Schema of type object. */
  readonly inputSchema: JsonObject;
}

/** What a tool gave: pieces of several kinds. */
export interface McpResult {
  readonly content?: readonly McpContent[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly isError?: boolean;
}

/** One piece of a result; the members depend on the type. */
export interface McpContent {
  readonly type: string;
  readonly text?: string;
  readonly mimeType?: string;
  readonly data?: string;
  readonly uri?: string;
  readonly name?: string;
  readonly resource?: {
    readonly uri?: string;
    readonly mimeType?: string;
    readonly text?: string;
    readonly blob?: string;
  };
}

/** What happens at a server without being asked for. */
export interface McpClientEvents {
  /** The connection is over, by whosever doing. */
  closed(): void;
  toolsChanged(): void;
  /** What the program of the server wrote to its standard error, or the end of it. */
  said(text: string): void;
}

/** A connection to an MCP server that has introduced itself. */
export interface McpClient {
  listTools(): Promise<McpTool[]>;
  callTool(name: string, input: JsonObject, options: { signal: AbortSignal; timeout: number }): Promise<McpResult>;
  /** Rejects when the server does not answer. */
  ping(): Promise<void>;
  /** Ends the connection, and the program where it is one. */
  close(): Promise<void>;
}
