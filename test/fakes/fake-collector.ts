import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type CollectedSpan, readSpans } from './read-spans.js';

interface Export {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

type Answer = (response: ServerResponse) => void;

const TAKEN: Answer = (response) => {
  response.setHeader('content-type', 'application/x-protobuf');
  response.end();
};
const WAIT_MS = 15_000;

/** An OTLP collector over HTTP: it keeps the spans it was sent, and answers as it was told. */
export class FakeCollector {
  readonly spans: CollectedSpan[] = [];
  readonly exports: Export[] = [];
  answer: Answer = TAKEN;
  #waiting: (() => void)[] = [];
  readonly #server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      this.exports.push({ path: request.url ?? '', headers: request.headers });
      this.spans.push(...readSpans(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
      for (const wake of this.#waiting.splice(0)) wake();
      this.answer(response);
    });
  });

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** Resolves to the spans that `pick` wants once there are so many; rejects when they do not come. */
  async waitFor(pick: (span: CollectedSpan) => boolean, count = 1): Promise<CollectedSpan[]> {
    const giveUpAt = performance.now() + WAIT_MS;
    for (;;) {
      const found = this.spans.filter(pick);
      if (found.length >= count) return found;
      if (performance.now() > giveUpAt) {
        throw new Error(`${String(found.length)} spans of ${String(count)} came: ${this.spans.map(nameOf).join(', ')}`);
      }
      await this.#next();
    }
  }

  reset(): void {
    this.spans.length = 0;
    this.exports.length = 0;
    this.answer = TAKEN;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function nameOf({ name, kind }: CollectedSpan): string {
  return `${kind} ${name}`;
}
