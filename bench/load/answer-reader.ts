const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = '0\r\n\r\n';

/** Reads answers of HTTP/1.1 off one connection, one after the other, with as little work as the check of them allows. */
export class AnswerReader {
  #pieces: Buffer[] = [];
  #size = 0;
  #bodyStart = -1;
  #total = -1;
  #isChunked = false;
  #status = 0;

  /** Takes what came; the answer once it is whole, else null. Its body still has the marks of its chunks. */
  push(bytes: Buffer): { status: number; body: Buffer } | null {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    if (this.#bodyStart === -1 && !this.#readHead()) return null;
    const isWhole = this.#isChunked ? this.#endsWithLastChunk() : this.#size >= this.#total;
    if (!isWhole) return null;
    const answer = { status: this.#status, body: this.#joined().subarray(this.#bodyStart) };
    this.#pieces = [];
    this.#size = 0;
    this.#bodyStart = -1;
    return answer;
  }

  #readHead(): boolean {
    const bytes = this.#joined();
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd === -1) return false;
    const head = bytes.toString('latin1', 0, headEnd).toLowerCase();
    this.#status = Number(head.slice(9, 12));
    this.#bodyStart = headEnd + HEAD_END.length;
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
    this.#isChunked = length === undefined;
    this.#total = this.#bodyStart + Number(length ?? 0);
    return true;
  }

  // Nothing follows an answer before the next request, so that its last bytes are the last that came.
  #endsWithLastChunk(): boolean {
    const last = this.#pieces.at(-1);
    const tail = last && last.length >= LAST_CHUNK.length ? last : this.#joined();
    return tail.toString('latin1', Math.max(0, tail.length - LAST_CHUNK.length)) === LAST_CHUNK;
  }

  #joined(): Buffer {
    const [only] = this.#pieces;
    if (this.#pieces.length === 1 && only) return only;
    const joined = Buffer.concat(this.#pieces, this.#size);
    this.#pieces = [joined];
    return joined;
  }
}
