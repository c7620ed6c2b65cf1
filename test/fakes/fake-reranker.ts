import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the fake was asked. */
export interface RerankCall {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: { model: string; query: string; documents: string[]; top_n?: number };
}

/** A rerank API on a real socket, in the shapes of Cohere, Jina and Voyage at their paths: it prefers texts with `favourite`. */
export class FakeReranker {
  readonly calls: RerankCall[] = [];
  favourite = '';
  /** A status to fail with, or `stall` to keep silent. */
  failure: number | 'stall' | null = null;
  #server: Server | null = null;

  get origin(): string {
    const address = this.#server?.address() as AddressInfo;
    return `http://127.0.0.1:${String(address.port)}`;
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    this.#server = server;
    return this;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  reset(): void {
    this.calls.length = 0;
    this.favourite = '';
    this.failure = null;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = JSON.parse(Buffer.concat(pieces).toString('utf8')) as RerankCall['body'];
    const path = request.url ?? '';
    this.calls.push({ path, authorization: request.headers.authorization, body });
    if (this.failure === 'stall') return;
    const answer = this.failure === null ? this.#judge(path, body) : { message: 'The fake refuses.' };
    response.writeHead(this.failure ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  }

  #judge(path: string, { documents }: RerankCall['body']): object {
    const results = documents
      .map((text, index) => ({
        index,
        relevance_score: this.favourite !== '' && text.includes(this.favourite) ? 0.9 : 0.1,
      }))
      .sort((left, right) => right.relevance_score - left.relevance_score);
    if (path === '/v2/rerank') return { id: 'r1', results, meta: { billed_units: { search_units: 1 } } };
    if (path === '/voyage/rerank')
      return { object: 'list', data: results, model: 'rerank-2', usage: { total_tokens: 70 } };
    return { model: 'jina-reranker-v2', results, usage: { total_tokens: 40 } };
  }
}
