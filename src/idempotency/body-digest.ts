import { createHash } from 'node:crypto';
import { finished } from 'node:stream/promises';
import type { IncomingMessage } from 'node:http';

const MULTIPART = /^multipart\/.*?;\s*boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i;

/** The boundary between the parts of a body; null when it has no parts. */
export function boundaryOf(request: IncomingMessage): string | null {
  const match = MULTIPART.exec(request.headers['content-type'] ?? '');
  return match?.[1] ?? match?.[2] ?? null;
}

/**
 * The digest of a body of several parts while somebody else reads it, without its boundaries: clients make new ones up
 * each time they send the same. To be made before anything was read.
 */
export class BodyDigest {
  readonly #hash = createHash('sha256');
  readonly #boundary: Buffer;
  readonly #request: IncomingMessage;
  #rest: Buffer = Buffer.alloc(0);

  constructor(request: IncomingMessage, boundary: string) {
    this.#request = request;
    this.#boundary = Buffer.from(boundary);
    // A paused stream stays paused under another listener, until whoever wants the body resumes it.
    request.pause();
    request.on('data', (chunk: Buffer) => {
      this.#add(chunk);
    });
  }

  /** The digest once all of the body was read; null while it was not. */
  digest(): string | null {
    if (!this.#request.complete || !this.#request.readableEnded) return null;
    return this.#hash.copy().update(this.#rest).digest('base64url');
  }

  /** Reads what nobody else will read, and resolves to the digest. Rejects when the client leaves. */
  async drain(): Promise<string | null> {
    this.#request.resume();
    await finished(this.#request, { writable: false });
    return this.digest();
  }

  #add(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let at = bytes.indexOf(this.#boundary); at !== -1; at = bytes.indexOf(this.#boundary, from)) {
      this.#hash.update(bytes.subarray(from, at));
      from = at + this.#boundary.length;
    }
    // Its beginning may stand at the end of this chunk.
    const safe = Math.max(from, bytes.length - this.#boundary.length + 1);
    this.#hash.update(bytes.subarray(from, safe));
    this.#rest = Buffer.from(bytes.subarray(safe));
  }
}
