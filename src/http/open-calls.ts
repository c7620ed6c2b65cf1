import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';

/** The calls whose answers are not over, for the end of the process. */
@Injectable()
export class OpenCalls {
  readonly #calls = new Set<CallContext>();

  get size(): number {
    return this.#calls.size;
  }

  /** Keeps the call until it is over. */
  add(call: CallContext): void {
    this.#calls.add(call);
    call.defer(() => this.#calls.delete(call));
  }

  /** Ends every call with `reason`, which its client gets to read. */
  abortAll(reason: Error): void {
    for (const call of this.#calls) call.abort(reason);
  }
}
