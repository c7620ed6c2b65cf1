import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ToolVisit {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type ToolAnswer = (visit: ToolVisit, response: ServerResponse) => void;

const ANSWER: ToolAnswer = (_visit, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"temperature":21}');
};

/** An HTTP service that tools are made of: it keeps what it was asked, and answers as it was told. */
export class FakeToolServer {
  readonly visits: ToolVisit[] = [];
  answer: ToolAnswer = ANSWER;
  #waiting: (() => void)[] = [];
  readonly #server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (piece: string) => (body += piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const visit = { method, path: url, headers, body };
      this.visits.push(visit);
      for (const wake of this.#waiting.splice(0)) wake();
      this.answer(visit, response);
    });
  });

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** Resolves once there have been so many visits since the last reset. */
  async waitForVisits(count: number): Promise<void> {
    while (this.visits.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  reset(): void {
    this.visits.length = 0;
    this.answer = ANSWER;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
