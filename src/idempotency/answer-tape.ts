import type { AnswerKeeper, KeptHead } from './answer-relay.js';
import type { AnswerRoom } from './answer-room.js';
import type { KeptAnswer } from './seal-answer.js';

/** What becomes of the claim when its answer is over. */
export interface TapeEnds {
  /** The answer is whole: it is to be stored. */
  store(answer: KeptAnswer): Promise<void>;
  /** The key is free again. */
  release(reason: 'error' | 'too_large'): Promise<void>;
}

/** Keeps an answer in memory until it is whole, as long as it is a good one and not too large. */
export class AnswerTape implements AnswerKeeper {
  readonly #room: AnswerRoom;
  readonly #ends: TapeEnds;
  #head: KeptHead | null = null;
  #parts: Buffer[] = [];
  #bytes = 0;
  #ended: Promise<void> | null = null;
  #isTooLarge = false;
  #hasFailed = false;

  constructor(room: AnswerRoom, ends: TapeEnds) {
    this.#room = room;
    this.#ends = ends;
  }

  head(head: KeptHead): Promise<void> | null {
    if (head.status >= 200 && head.status < 300) {
      this.#head = head;
      return null;
    }
    return this.#release('error');
  }

  add(bytes: Buffer): boolean {
    if (this.#isTooLarge) return false;
    if (this.#ended) return true;
    const fits = this.#bytes + bytes.length <= this.#room.answerLimitBytes && this.#room.take(bytes.length);
    if (fits) {
      this.#bytes += bytes.length;
      this.#parts.push(bytes);
      return true;
    }
    this.#isTooLarge = true;
    this.#empty();
    return false;
  }

  /** It turned out to be a failure after its head. */
  fail(): void {
    this.#hasFailed = true;
  }

  end(isWhole: boolean): Promise<void> {
    if (this.#ended) return this.#ended;
    if (this.#isTooLarge) return this.#release('too_large');
    if (!isWhole || this.#hasFailed || !this.#head) return this.#release('error');
    const answer = { head: this.#head, body: Buffer.concat(this.#parts, this.#bytes) };
    this.#ended = this.#ends.store(answer).finally(() => {
      this.#empty();
    });
    return this.#ended;
  }

  #release(reason: 'error' | 'too_large'): Promise<void> {
    this.#empty();
    this.#ended ??= this.#ends.release(reason);
    return this.#ended;
  }

  #empty(): void {
    this.#room.give(this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
  }
}
