import { Injectable, Logger } from '@nestjs/common';
import { SecretBox } from '../../auth/secrets/secret-box.js';
import { ToolFailure } from '../server-tool.js';
import type { ServerToolEntity } from './server-tool.entity.js';

type Headers = Readonly<Record<string, string>>;

/** What is stored of a tool's headers. */
export type SealedHeaders = Pick<ServerToolEntity, 'headerNames' | 'sealedHeaders'>;

/** The headers of stored tools, which hold secrets: closed in the database, open only for the request that needs them. */
@Injectable()
export class ToolHeaders {
  readonly #logger = new Logger('Tools');

  constructor(private readonly box: SecretBox) {}

  /** Rejects with `invalid_state` when there is nothing to encrypt them with. */
  async seal(id: string, headers: Headers): Promise<SealedHeaders> {
    const headerNames = Object.keys(headers).map((name) => name.toLowerCase());
    if (headerNames.length === 0) return { headerNames, sealedHeaders: null };
    return { headerNames, sealedHeaders: await this.box.seal(JSON.stringify(headers), headersPlace(id)) };
  }

  /** Rejects with ToolFailure when they cannot be opened, as after another `TRUNKLINE_SECRET`. */
  async open({ id, name, sealedHeaders }: ServerToolEntity): Promise<Headers> {
    if (sealedHeaders === null) return {};
    try {
      return JSON.parse(await this.box.open(sealedHeaders, headersPlace(id))) as Headers;
    } catch {
      this.#logger.warn(`The headers of http:${name} (${id}) cannot be decrypted: TRUNKLINE_SECRET is another one.`);
      throw new ToolFailure('The tool cannot be used for now: its configuration is incomplete.');
    }
  }
}

/** Where a tool's headers are sealed: they open nowhere else. */
export function headersPlace(id: string): string {
  return `server_tool/${id}`;
}
