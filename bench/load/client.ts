import { connect, type Socket } from 'node:net';
import { requestBody, type Shape } from '../shapes.js';
import { AnswerReader } from './answer-reader.js';
import { findFault } from './check-answer.js';
import type { Endpoint } from './job.js';

/** How one request went; times in milliseconds from its sending. */
export interface Outcome {
  readonly fault: string | null;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

const TIMEOUT_MS = 30_000;

/** The bytes of a request. */
export function requestBytes(endpoint: Endpoint, shape: Shape): Buffer {
  const body = requestBody(shape);
  const headers = {
    host: `127.0.0.1:${String(endpoint.port)}`,
    'content-type': 'application/json',
    accept: '*/*',
    'content-length': String(Buffer.byteLength(body)),
    ...endpoint.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`POST ${endpoint.path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** One kept-alive connection that sends one request at a time; it connects anew when the server closed it. */
export class Client {
  readonly #port: number;
  readonly #bytes: Buffer;
  readonly #shape: Shape;
  #socket: Socket | null = null;
  #reader = new AnswerReader();
  #startedAt = 0;
  #firstByteMs = NaN;
  #settle: ((outcome: Outcome) => void) | null = null;

  constructor(port: number, shape: Shape, bytes: Buffer) {
    this.#port = port;
    this.#shape = shape;
    this.#bytes = bytes;
  }

  /** Sends the request and resolves when its answer is whole, broken or 30 s late. */
  send(): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#firstByteMs = NaN;
      this.#startedAt = performance.now();
      this.#socket ??= this.#connect();
      this.#socket.write(this.#bytes);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.#reader = new AnswerReader();
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer in time')));
    socket.on('data', (bytes) => {
      this.#onData(bytes);
    });
    socket.on('error', (error) => {
      this.#onEnd(socket, error.message);
    });
    socket.on('close', () => {
      this.#onEnd(socket, 'the connection was closed');
    });
    return socket;
  }

  #onData(bytes: Buffer): void {
    if (Number.isNaN(this.#firstByteMs)) this.#firstByteMs = performance.now() - this.#startedAt;
    const answer = this.#reader.push(bytes);
    if (!answer) return;
    const totalMs = performance.now() - this.#startedAt;
    this.#finish({
      fault: findFault(this.#shape, answer.status, answer.body),
      firstByteMs: this.#firstByteMs,
      totalMs,
    });
  }

  #onEnd(socket: Socket, fault: string): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    socket.destroy();
    this.#finish({ fault, firstByteMs: this.#firstByteMs, totalMs: performance.now() - this.#startedAt });
  }

  #finish(outcome: Outcome): void {
    const settle = this.#settle;
    this.#settle = null;
    settle?.(outcome);
  }
}
