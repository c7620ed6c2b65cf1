import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import { AppError, InvalidRequestError } from '../core/errors/app-error.js';
import type { ServerTool } from './server-tool.js';
import type { ToolSource } from './tool-source.js';

const NAME = /^(http|mcp|rag):(\S.{0,300})$/u;
const MOST_LISTED = 20;
const MOST_SHOWN = 80;
/** As many as a request may offer, the client's own included. */
const MOST_TOOLS = 128;

/** Every tool that can be run here, by the names that requests use. */
@Injectable()
export class ToolDirectory {
  readonly #sources = new Map<string, ToolSource>();

  /** For a feature that brings tools, before the application is up. */
  register(source: ToolSource): void {
    this.#sources.set(source.kind, source);
  }

  /**
   * The tools of the names, each once. Rejects with `invalid_value` for what is no name or too much, with `not_found` for what
   * the caller's project does not have, and as the sources do.
   */
  async find(names: readonly string[], ownTools: number, call: CallContext): Promise<ServerTool[]> {
    const found = await Promise.all(
      names.map((name, index) => this.#findOne(name, `server_tools[${String(index)}]`, call)),
    );
    const tools = new Map(found.flat().map((tool) => [tool.name, tool]));
    if (tools.size + ownTools > MOST_TOOLS) throw tooMany(tools.size + ownTools);
    return [...tools.values()];
  }

  async #findOne(name: string, param: string, call: CallContext): Promise<readonly ServerTool[]> {
    const [, kind = '', rest = ''] = NAME.exec(name) ?? [];
    const source = this.#sources.get(kind);
    if (!source) {
      const message = `\`${param}\` must be http:NAME, mcp:SERVER, mcp:SERVER/TOOL or rag:COLLECTION.`;
      throw new InvalidRequestError('invalid_value', message, { param });
    }
    const tools = await source.find(rest, call, param);
    if (tools.length > 0) return tools;
    const message = `There is no tool ${JSON.stringify(name.slice(0, MOST_SHOWN))}. ${await this.#whatThereIs(call)}`;
    throw new AppError('not_found', message, { param });
  }

  async #whatThereIs(call: CallContext): Promise<string> {
    const lists = await Promise.all([...this.#sources.values()].map((source) => source.list(call)));
    const names = lists.flat();
    if (names.length === 0) return 'There are none yet.';
    const rest = names.length > MOST_LISTED ? ' and others' : '';
    return `There are: ${names.slice(0, MOST_LISTED).join(', ')}${rest}.`;
  }
}

function tooMany(count: number): AppError {
  const message = `The request offers ${String(count)} tools with its own, and ${String(MOST_TOOLS)} are possible. Name fewer.`;
  return new InvalidRequestError('invalid_value', message, { param: 'server_tools' });
}
