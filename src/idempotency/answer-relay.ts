import { type IncomingMessage, ServerResponse } from 'node:http';
import { replySettingsOf } from '../http/reply-settings.js';

/** Status and headers of an answer. */
export interface KeptHead {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string | string[]])[];
}

/** Keeps an answer as it is made. While it does, the answer goes on whether its client is there or not. */
export interface AnswerKeeper {
  /** The head is known. A promise holds the answer back until it resolves; it never rejects. */
  head(head: KeptHead): Promise<void> | null;
  /** More of the body; false when the answer is kept no longer. */
  add(bytes: Buffer): boolean;
  /** The answer is over, or was cut. Its end is held back until the promise resolves; it never rejects. */
  end(isWhole: boolean): Promise<void>;
}

const RELAY = Symbol('relay');

interface CarriesRelay {
  [RELAY]?: AnswerRelay;
}

/**
 * An answer that does not depend on its client: those who answer write to `response`, which has no connection of its own,
 * and everything is passed on to the client as it comes. Without a keeper, `response` behaves as the client's own one does,
 * slowness and leaving included.
 */
export class AnswerRelay {
  readonly response: ServerResponse;
  #client: ServerResponse | null;
  #keeper: AnswerKeeper | null = null;
  #isDetached = false;
  #held = 0;
  #queue: ((client: ServerResponse) => void)[] = [];
  #cancelCut: (() => void) | null = null;

  constructor(request: IncomingMessage, client: ServerResponse) {
    this.#client = client;
    this.response = this.#makeResponse(request);
    client.once('close', () => {
      this.#client = null;
      this.#cancelCut?.();
      if (!this.#isDetached) this.response.destroy();
    });
    client.on('drain', () => {
      this.#cancelCut?.();
      this.#cancelCut = null;
      this.response.emit('drain');
    });
  }

  /** From now on the answer is kept, and goes on without its client. */
  keep(keeper: AnswerKeeper): void {
    this.#keeper = keeper;
    this.#isDetached = true;
  }

  #makeResponse(request: IncomingMessage): ServerResponse {
    const response = new ServerResponse(request);
    // With a header that was set, the others are kept by their names; this one holds for every answer to a keyed request.
    response.setHeader('cache-control', 'no-store');
    // Nothing is ever on its way from here.
    Object.defineProperty(response, 'writableFinished', { get: () => response.writableEnded });
    return Object.assign(response, {
      [RELAY]: this,
      write: (...parameters: unknown[]): boolean => this.#write(...parameters),
      end: (...parameters: unknown[]): ServerResponse => this.#end(...parameters),
      destroy: (): ServerResponse => this.#destroy(),
    });
  }

  #write(...parameters: unknown[]): boolean {
    const { bytes, callback } = partOf(parameters);
    if (callback) process.nextTick(callback);
    if (this.response.writableEnded || this.response.destroyed) return false;
    this.#open();
    if (!bytes) return true;
    this.#record(bytes);
    let isRead = true as boolean;
    this.#deliver((client) => {
      isRead = client.write(bytes);
      if (!isRead) this.#watchReader();
    });
    return isRead || this.#isDetached;
  }

  #end(...parameters: unknown[]): ServerResponse {
    const { response } = this;
    const { bytes, callback } = partOf(parameters);
    if (callback) process.nextTick(callback);
    if (response.writableEnded || response.destroyed) return response;
    this.#open();
    if (bytes) this.#record(bytes);
    Object.assign(response, { finished: true });
    if (this.#keeper) this.#hold(this.#keeper.end(true));
    this.#deliver((client) => {
      if (bytes) client.end(bytes);
      else client.end();
    });
    process.nextTick(() => {
      response.emit('finish');
      this.#close();
    });
    return response;
  }

  #destroy(): ServerResponse {
    const { response } = this;
    if (response.destroyed || response.writableEnded) return response;
    Object.assign(response, { destroyed: true });
    this.#queue = [];
    this.#client?.destroy();
    void this.#keeper?.end(false);
    process.nextTick(() => response.emit('close'));
    return response;
  }

  #close(): void {
    Object.assign(this.response, { destroyed: true });
    this.response.emit('close');
  }

  #open(): void {
    const { response } = this;
    if (response.headersSent) return;
    response.writeHead(response.statusCode);
    const { statusCode: status } = response;
    const headers = Object.entries(response.getHeaders()).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'number' ? String(value) : value] as const],
    );
    const held = this.#keeper?.head({ status, headers });
    if (held) this.#hold(held);
    this.#deliver((client) => client.writeHead(status, Object.fromEntries(headers)));
  }

  // What is kept no longer is as good as any other answer: it ends when its client leaves.
  #record(bytes: Buffer): void {
    if (!this.#isDetached || this.#keeper?.add(bytes) === true) return;
    this.#isDetached = false;
    if (!this.#client) process.nextTick(() => this.response.destroy());
  }

  #deliver(act: (client: ServerResponse) => void): void {
    if (this.#held > 0) this.#queue.push(act);
    else if (this.#client) act(this.#client);
  }

  #hold(until: Promise<void>): void {
    this.#held += 1;
    void until.then(() => {
      this.#held -= 1;
      if (this.#held > 0) return;
      const queue = this.#queue;
      this.#queue = [];
      for (const act of queue) this.#deliver(act);
    });
  }

  // Nobody waits for a slow client of a detached answer, so it is cut off here.
  #watchReader(): void {
    const { clock, writeMs } = replySettingsOf(this.response);
    this.#cancelCut ??= clock.schedule(() => this.#client?.destroy(), writeMs);
  }
}

/** The relay that a response belongs to; undefined for a client's own one. */
export function relayOf(response: ServerResponse): AnswerRelay | undefined {
  return (response as CarriesRelay)[RELAY];
}

function partOf(parameters: readonly unknown[]): { bytes: Buffer | null; callback: (() => void) | undefined } {
  const [chunk, encoding] = parameters;
  const callback = parameters.find((parameter) => typeof parameter === 'function') as (() => void) | undefined;
  if (typeof chunk === 'string') {
    return {
      bytes: Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'),
      callback,
    };
  }
  if (!(chunk instanceof Uint8Array)) return { bytes: null, callback };
  return { bytes: Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), callback };
}
