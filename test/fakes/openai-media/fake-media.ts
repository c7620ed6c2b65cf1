import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defaultAnswer, type MediaReplyMade } from './default-answers.js';
import type { MediaRequestSeen } from './media-request-seen.js';

/** Answers one request in place of the fake. */
export type MediaBehaviour = (request: MediaRequestSeen, response: ServerResponse) => void | Promise<void>;

/**
 * OpenAI's images, speech, transcriptions and moderations on a real socket, in the addresses of OpenAI and of Azure. It gives
 * its own answers until it is told to do something else with the coming requests.
 */
export class FakeMedia {
  readonly requests: MediaRequestSeen[] = [];
  readonly #queue: MediaBehaviour[] = [];
  #server: Server | null = null;

  get origin(): string {
    const address = this.#server?.address() as AddressInfo;
    return `http://127.0.0.1:${String(address.port)}`;
  }

  get url(): string {
    return `${this.origin}/v1`;
  }

  get last(): MediaRequestSeen {
    const last = this.requests.at(-1);
    if (!last) throw new Error('The fake was not asked.');
    return last;
  }

  async start(): Promise<this> {
    const server = createServer((incoming, response) => void this.#serve(incoming, response));
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
    this.requests.length = 0;
    this.#queue.length = 0;
  }

  /** What happens to the next request, after those that were set before. */
  behave(behaviour: MediaBehaviour): this {
    this.#queue.push(behaviour);
    return this;
  }

  reply(answer: MediaReplyMade): this {
    return this.behave((_request, response) => {
      send(response, answer);
    });
  }

  failWith(status: number, headers: Record<string, string> = {}): this {
    return this.behave((_request, response) => {
      const error = { message: 'The fake refuses: sk-fake-media.', type: 'fake', param: null, code: null };
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error }));
    });
  }

  /** Sends so many pieces of its own answer, and breaks the connection. */
  cutAfter(pieces: number): this {
    return this.#partly(pieces, (response) => {
      response.destroy();
    });
  }

  /** Sends so many pieces of its own answer, and no more. */
  stallAfter(pieces: number): this {
    return this.#partly(pieces, () => undefined);
  }

  #partly(pieces: number, then: (response: ServerResponse) => void): this {
    return this.behave((request, response) => {
      const answer = defaultAnswer(request) ?? { contentType: 'text/plain', pieces: [] };
      response.writeHead(200, { 'content-type': answer.contentType });
      response.flushHeaders();
      for (const piece of answer.pieces.slice(0, pieces)) response.write(piece);
      // What was written must have left before the connection is torn down.
      setTimeout(() => {
        then(response);
      }, 25);
    });
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const request = await see(incoming, Buffer.concat(chunks), response);
    this.requests.push(request);
    const behaviour = this.#queue.shift();
    if (behaviour) {
      await behaviour(request, response);
      return;
    }
    const answer = defaultAnswer(request);
    if (answer) send(response, answer);
    else response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"No such route."}}');
  }
}

function send(response: ServerResponse, { contentType, pieces }: MediaReplyMade): void {
  response.writeHead(200, { 'content-type': contentType });
  for (const piece of pieces) response.write(piece);
  response.end();
}

async function see(incoming: IncomingMessage, body: Buffer, response: ServerResponse): Promise<MediaRequestSeen> {
  const { url: path = '', headers } = incoming;
  const closedByClient = new Promise<void>((resolve) => {
    response.once('close', () => {
      if (!response.writableFinished) resolve();
    });
  });
  const seen = { path, headers, closedByClient };
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) {
    return { ...seen, json: JSON.parse(body.toString()) as Record<string, unknown>, fields: [], file: null };
  }
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const fields: [string, string][] = [];
  let file: MediaRequestSeen['file'] = null;
  for (const [name, value] of form) {
    if (typeof value === 'string') fields.push([name, value]);
    else file = { name: value.name, type: value.type, bytes: Buffer.from(await value.arrayBuffer()) };
  }
  return { ...seen, json: {}, fields, file };
}
