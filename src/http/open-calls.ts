import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';

/** A call that is not over. What outlives it, such as a connection that it was the first to use, keeps no more than this. */
export interface OpenCall {
  /** Null once it is over. */
  call: CallContext | null;
  /** Null for one that has no answer of its own, and once it is over. */
  response: ServerResponse | null;
}

/** The calls whose answers are not over, for the end of the process. */
@Injectable()
export class OpenCalls {
  readonly #calls = new Set<OpenCall>();
  readonly #scope = new AsyncLocalStorage<OpenCall>();
  #latestAt = -Infinity;

  get size(): number {
    return this.#calls.size;
  }

  /** Wall-clock milliseconds when the latest of all calls arrived. */
  get latestAt(): number {
    return this.#latestAt;
  }

  /** The call on whose behalf the running code runs, as far as that is known; null when that call is over. */
  get current(): OpenCall | null {
    const current = this.#scope.getStore();
    return current?.call ? current : null;
  }

  /** Keeps the call until it is over. */
  add(call: CallContext, response: ServerResponse | null = null): OpenCall {
    const open: OpenCall = { call, response };
    this.#latestAt = call.receivedAt;
    this.#calls.add(open);
    call.defer(() => {
      this.#calls.delete(open);
      open.call = null;
      open.response = null;
    });
    return open;
  }

  /** Runs the work of a call, so that what fails in it where nobody waits is known to be the call's. */
  run(open: OpenCall, work: () => void): void {
    this.#scope.run(open, work);
  }

  /** Ends every call with `reason`, which its client gets to read. */
  abortAll(reason: Error): void {
    for (const { call } of this.#calls) call?.abort(reason);
  }
}
