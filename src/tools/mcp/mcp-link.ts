import type { McpServerConfig } from '../../config/tools-config.js';
import { type CancelSignal, toAbortSignal } from '../../core/cancellation.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { ToolFailure, type ToolOutput } from '../server-tool.js';
import type { McpClient, McpClientEvents, McpTool } from './mcp-client.js';
import { Pauses } from './pauses.js';
import { readMcpResult } from './read-mcp-result.js';

/** Opens a connection to a server that has introduced itself; rejects when it does not. */
export type OpenMcpClient = (
  config: McpServerConfig,
  events: McpClientEvents,
  signal: AbortSignal,
) => Promise<McpClient>;

export interface McpLinkParts {
  readonly config: McpServerConfig;
  readonly clock: Clock;
  readonly open: OpenMcpClient;
  /** For the operator. */
  readonly warn: (message: string) => void;
}

/** A list is asked for again after this, for servers that do not tell when it changes. */
const LIST_MS = 300_000;
/** Above a tool's own time, which ends it first. */
const SPARE_MS = 1_000;
/** How servers say that they do not know the session any more; nothing was done then. */
const LOST_SESSION: ReadonlySet<unknown> = new Set([400, 404]);

/** One MCP server: connected when it is needed, kept, and connected anew, after a pause, when it was lost. */
export class McpLink {
  readonly #parts: McpLinkParts;
  readonly #pauses: Pauses;
  #client: Promise<McpClient> | null = null;
  #list: { tools: readonly McpTool[]; until: number } | null = null;
  #loading: Promise<readonly McpTool[]> | null = null;
  /** Counts the reasons to ask for the list again. */
  #changes = 0;
  #isChecking = false;
  readonly #closing = new AbortController();
  #lastWords = '';

  constructor(parts: McpLinkParts) {
    this.#parts = parts;
    this.#pauses = new Pauses(parts.clock);
  }

  /** What is known of its tools without asking. */
  get known(): readonly McpTool[] {
    return this.#list?.tools ?? [];
  }

  /** Its tools: as they were when it cannot be asked. Rejects with `dependency_unavailable` when they were never known. */
  async tools(): Promise<readonly McpTool[]> {
    if (this.#list && this.#parts.clock.monotonic() < this.#list.until) return this.#list.tools;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /** Runs a tool. Rejects with ToolFailure, and with the signal's reason when it fires. */
  async run(name: string, input: JsonObject, signal: CancelSignal): Promise<ToolOutput> {
    const timeout = this.#parts.config.timeoutMs + SPARE_MS;
    const options = { signal: toAbortSignal(signal), timeout };
    try {
      const result = await this.#ask((client) => client.callTool(name, input, options));
      this.#pauses.forget();
      return readMcpResult(result);
    } catch (error) {
      if (signal.aborted) {
        void this.#check();
        throw signal.reason as Error;
      }
      throw error instanceof ToolFailure ? error : new ToolFailure(describe(error));
    }
  }

  /** Ends the connection, and the program where it is one; nothing is connected any more. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The server is shutting down.'));
    await this.#drop();
  }

  async #load(): Promise<readonly McpTool[]> {
    const changes = this.#changes;
    try {
      const tools = await this.#ask((client) => client.listTools());
      // It may have said meanwhile that the list has changed: then the next one asks again.
      const isStale = this.#changes !== changes;
      this.#list = { tools, until: isStale ? 0 : this.#parts.clock.monotonic() + LIST_MS };
      return tools;
    } catch (error) {
      if (this.#list) return this.#list.tools;
      throw new AppError(
        'dependency_unavailable',
        `The MCP server "${this.#parts.config.name}" cannot be reached for now. Try again, or go without its tools.`,
        { retryAfterMs: Math.max(1_000, this.#pauses.remainingMs()), cause: error },
      );
    }
  }

  async #ask<T>(question: (client: McpClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      return await question(client);
    } catch (error) {
      if (!LOST_SESSION.has((error as { code?: unknown }).code)) throw error;
      await this.#drop(client);
      return question(await this.#connect());
    }
  }

  #connect(): Promise<McpClient> {
    if (this.#client) return this.#client;
    const { config, open } = this.#parts;
    if (this.#closing.signal.aborted || this.#pauses.remainingMs() > 0) {
      return Promise.reject(new ToolFailure(`The MCP server "${config.name}" is not available for now.`));
    }
    const events: McpClientEvents = {
      closed: () => {
        this.#lost(client);
      },
      toolsChanged: () => {
        this.#expire();
      },
      said: (text) => {
        this.#lastWords = text;
      },
    };
    const client: Promise<McpClient> = open(config, events, this.#closing.signal);
    this.#client = client;
    client.catch((error: unknown) => {
      this.#lost(client, error);
    });
    return client;
  }

  // Its tools may be others when it is back.
  #lost(client: Promise<McpClient>, error?: unknown): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#expire();
    this.#pauses.lengthen();
    const { config, warn } = this.#parts;
    const reason = error === undefined ? 'the connection was closed' : describe(error);
    const words = this.#lastWords.trim().split('\n').at(-1) ?? '';
    warn(`The MCP server "${config.name}" was lost: ${reason}.${words === '' ? '' : ` It said last: ${words}`}`);
  }

  #expire(): void {
    this.#changes += 1;
    if (this.#list) this.#list = { ...this.#list, until: 0 };
  }

  async #drop(only?: McpClient): Promise<void> {
    const held = this.#client;
    if (!held) return;
    const client = await held.catch(() => null);
    if (this.#client !== held || (only && client !== only)) return;
    this.#client = null;
    this.#expire();
    await client?.close().catch(() => undefined);
  }

  // Who did not answer in time may be busy, or may not answer ever again.
  async #check(): Promise<void> {
    const held = this.#client;
    if (!held || this.#isChecking) return;
    this.#isChecking = true;
    try {
      await (await held).ping();
    } catch {
      if (this.#client === held) {
        this.#pauses.lengthen();
        await this.#drop();
      }
    } finally {
      this.#isChecking = false;
    }
  }
}

// What errors of the protocol say was written for whoever uses the tool.
function describe(error: unknown): string {
  const isProtocol = error instanceof Error && error.name === 'McpError';
  return isProtocol ? error.message : 'The tool could not be reached';
}
