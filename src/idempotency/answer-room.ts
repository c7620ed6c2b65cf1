import { Injectable } from '@nestjs/common';
import { IdempotencyConfig } from '../config/idempotency-config.js';

/** So many answers of the largest size may be held at once. */
const LARGEST_ANSWERS = 16;

/** The memory of this process for answers that are not stored yet. */
@Injectable()
export class AnswerRoom {
  readonly answerLimitBytes: number;
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(config: IdempotencyConfig) {
    this.answerLimitBytes = config.answerLimitBytes;
    this.#limitBytes = config.answerLimitBytes * LARGEST_ANSWERS;
  }

  /** False when there is no room for so many bytes more. */
  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.#limitBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}
