import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import { AppError } from '../core/errors/app-error.js';

/** No provider takes more in one request. */
export const MOST_TOLD_BYTES = 24 * 1024 * 1024;
/** As it is stored; what is made of it takes several times that. */
const MOST_BYTES = 256 * 1024 * 1024;
const RETRY_AFTER_MS = 1_000;

/** Bounds what all requests at once have in memory of earlier responses: a short request may name very much. */
@Injectable()
export class HistoryRoom {
  #bytes = 0;

  /** Takes room until the call is over. Throws `overloaded` when there is none. */
  take(bytes: number, call: CallContext): void {
    if (this.#bytes + bytes > MOST_BYTES) {
      throw new AppError('overloaded', 'Too many long conversations are under way. Try again shortly.', {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    this.#bytes += bytes;
    call.defer(() => {
      this.#bytes -= bytes;
    });
  }
}
