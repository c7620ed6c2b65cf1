import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Behaviour } from './behaviour.js';
import { BehaviourScript } from './behaviour-script.js';
import type { ScriptedReply } from './scripted-reply.js';
import { sendJson, sendStream } from './send-answer.js';
import { ServedRequest } from './served-request.js';

const WAIT_MS = 5_000;

/** A provider on a real socket of this machine that does what it is told, counts, and keeps what it was asked. */
export class ScriptedProvider extends BehaviourScript {
  /** Every request since the start or the last reset, in the order of arrival. */
  requests: ServedRequest[] = [];
  #server: Server | null = null;
  #port = 0;
  #nextUnread = 0;
  #arrivals = new Set<() => void>();

  /** What the vendor's SDK takes as its base URL. */
  get url(): string {
    return `${this.origin}${this.vendor.basePath}`;
  }

  get origin(): string {
    if (this.#port === 0) throw new Error('The fake has not been started.');
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  /** Listens; after a stop on the same port as before. */
  async start(): Promise<this> {
    const server = createServer(
      { keepAliveTimeout: 60_000 },
      (incoming, response) => void this.#serve(incoming, response),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    return this;
  }

  /** Closes the port and every connection: what comes now is refused. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  }

  /** Another word for `stop`, where a test is about refused connections. */
  refuse(): Promise<void> {
    return this.stop();
  }

  /** Forgets requests and behaviours; lets stalled answers go. */
  reset(): void {
    this.clearBehaviours();
    this.requests = [];
    this.#nextUnread = 0;
  }

  /** The next request that no earlier call of this method returned; rejects when none comes within 5 s. */
  async nextRequest(): Promise<ServedRequest> {
    const index = this.#nextUnread;
    this.#nextUnread += 1;
    const requests = await this.waitForRequests(index + 1);
    return requests[index] ?? fail('The request was lost.');
  }

  /** Resolves once `count` requests have arrived. */
  async waitForRequests(count: number): Promise<ServedRequest[]> {
    const giveUpAt = performance.now() + WAIT_MS;
    while (this.requests.length < count) {
      const leftMs = giveUpAt - performance.now();
      if (leftMs <= 0) fail(`Only ${String(this.requests.length)} of ${String(count)} requests came.`);
      await within(leftMs, (resolve) => this.#arrivals.add(resolve));
    }
    return this.requests;
  }

  /** Resolves once the client has closed the connection of a request (the last one by default) before its answer was whole. */
  async waitForClose(request = this.requests.at(-1)): Promise<ServedRequest> {
    if (!request) fail('There was no request.');
    await within(WAIT_MS, (resolve) => void request.closedByClient.then(resolve));
    return request.isClosedByClient ? request : fail('The client did not close the connection.');
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let request: ServedRequest | undefined;
    response.on('error', () => undefined);
    try {
      const body = await readBody(incoming);
      request = new ServedRequest(
        {
          method: incoming.method ?? '',
          path: incoming.url ?? '',
          headers: incoming.headers,
          rawHeaders: incoming.rawHeaders,
        },
        body,
      );
      this.#watch(request, response);
      this.requests.push(request);
      for (const arrival of this.#arrivals) arrival();
      this.#arrivals.clear();
      await this.#answer(request, response, this.takeBehaviour());
    } catch (error) {
      if (response.destroyed || response.headersSent) response.destroy();
      else response.writeHead(599, { 'content-type': 'text/plain' }).end(`The fake failed: ${String(error)}`);
    }
  }

  #watch(request: ServedRequest, response: ServerResponse): void {
    const server = this.#server;
    response.once('finish', () => (request.completed = true));
    response.once('close', () => {
      if (!request.completed && !request.isBrokenByFake && this.#server === server) request.noteClosedByClient();
    });
  }

  async #answer(request: ServedRequest, response: ServerResponse, behaviour: Behaviour): Promise<void> {
    const exchange = { request, response, vendor: this.vendor };
    response.setHeader(this.vendor.idHeader, `req_fake_${String(this.requests.length)}`);
    if (behaviour.instead) {
      await behaviour.instead(exchange);
      return;
    }
    const reply: ScriptedReply =
      (typeof behaviour.reply === 'function' ? behaviour.reply(request) : behaviour.reply) ?? {};
    const answer = this.vendor.answer(request, reply);
    if (reply.delayMs !== undefined) await delay(reply.delayMs);
    if (response.destroyed) return;
    if ('frames' in answer) {
      await sendStream(exchange, behaviour.editFrames?.(answer.frames) ?? answer.frames, behaviour, reply);
      return;
    }
    const body = answer.status === 200 && behaviour.editJson ? behaviour.editJson(answer.body) : answer.body;
    await sendJson(exchange, { status: answer.status, body }, behaviour, reply.headers);
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function within(ms: number, subscribe: (resolve: () => void) => void): Promise<void> {
  const timer = new AbortController();
  await Promise.race([
    new Promise<void>((resolve) => {
      subscribe(resolve);
    }),
    delay(ms, undefined, { signal: timer.signal }).catch(() => undefined),
  ]);
  timer.abort();
}

function fail(message: string): never {
  throw new Error(message);
}
