import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';

/** Since then V8 itself keeps what belongs to a context; before, each promise of the process costs more once there is one. */
const CHEAP_CONTEXTS_SINCE = 24;

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
  readonly #scope =
    Number.parseInt(process.versions.node, 10) >= CHEAP_CONTEXTS_SINCE ? new AsyncLocalStorage<OpenCall>() : null;
  #latestAt = -Infinity;

  get size(): number {
    return this.#calls.size;
  }

  /** All of them, as they are now. */
  all(): readonly OpenCall[] {
    return [...this.#calls];
  }

  /** Wall-clock milliseconds when the latest of all calls arrived. */
  get latestAt(): number {
    return this.#latestAt;
  }

  /** The call on whose behalf the running code runs, as far as that is known; null when that call is over. */
  get current(): OpenCall | null {
    const current = this.#scope?.getStore();
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

  /** Runs the work of a call, so that what fails in it where nobody waits is known to be the call's (since Node 24). */
  run<P extends unknown[]>(open: OpenCall, work: (...parameters: P) => void, ...parameters: P): void {
    if (this.#scope) this.#scope.run(open, work, ...parameters);
    else work(...parameters);
  }
}
