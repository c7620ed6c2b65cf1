import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '../../src/core/json.js';

/** One request that a fake received, kept for the test to look at. */
export class ServedRequest {
  readonly method: string;
  /** With the query, as it stood on the request line. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly bodyText: string;
  /** The parsed body; empty when there was none. */
  readonly body: JsonObject;
  readonly receivedAt = performance.now();
  /** True once the fake has sent its whole answer. */
  completed = false;
  /** True once the fake itself broke the connection off. */
  isBrokenByFake = false;
  /** True once the client closed the connection before it had the whole answer. */
  isClosedByClient = false;
  /** Milliseconds from the request to the client's close; null while it stays. */
  closedAfterMs: number | null = null;
  /** Resolves when the client closes the connection early; never when it does not. */
  readonly closedByClient: Promise<void>;
  #announceClose: () => void = () => undefined;

  constructor(
    head: { method: string; path: string; headers: IncomingHttpHeaders; rawHeaders: string[] },
    bodyText: string,
  ) {
    this.method = head.method;
    this.path = head.path;
    this.headers = head.headers;
    this.rawHeaders = head.rawHeaders;
    this.bodyText = bodyText;
    this.body = parseBody(bodyText);
    this.closedByClient = new Promise((resolve) => (this.#announceClose = resolve));
  }

  get route(): string {
    return `${this.method} ${this.path.split('?', 1)[0] ?? ''}`;
  }

  /** Whether a stream was asked for: in the body, or by the name of the method, as Gemini has it. */
  get wantsStream(): boolean {
    return this.body.stream === true || this.path.includes(':streamGenerateContent');
  }

  /** Notes that the client left; called by the fake. */
  noteClosedByClient(): void {
    this.isClosedByClient = true;
    this.closedAfterMs = performance.now() - this.receivedAt;
    this.#announceClose();
  }
}

function parseBody(text: string): JsonObject {
  if (text === '') return {};
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return {};
  }
}
