import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ApiKeyAuthenticator } from '../auth/api-key-authenticator.js';
import { readCredentials } from '../auth/read-credentials.js';
import type { CallContext } from '../core/call-context.js';
import { BodyMemory } from '../http/body/body-memory.js';
import { callOf } from '../http/call-of.js';
import { ErrorFilter } from '../http/error.filter.js';
import { SeatGate } from './seat-gate.js';
import { STRANGERS } from './seats.js';

/** So many requests to `/admin` are always let in: whoever has to mend something must get through. */
const SEATS_OF_ADMINS = 16;

/**
 * Where every request comes by, before its body, its key and the router: those that make work need a seat. What tells how the
 * server is doing (`/health`, `/metrics` and the rest outside of `/v1` and `/admin`) and preflights of browsers always pass.
 */
@Injectable()
export class AdmissionDoor {
  #admins = 0;

  constructor(
    private readonly gate: SeatGate,
    private readonly authenticator: ApiKeyAuthenticator,
    private readonly errors: ErrorFilter,
    private readonly bodies: BodyMemory,
  ) {}

  /** Calls `next` at once or when it is the request's turn; answers `overloaded` in its place when there is no room. */
  enter(request: Request, response: Response, next: () => void): void {
    const call = callOf(request);
    if (!this.#passes(call, request.method)) {
      let turn: Promise<void> | null;
      try {
        turn = this.gate.enter(call, this.#ownerOf, request);
      } catch (error) {
        this.errors.answer(error, request, response);
        return;
      }
      if (turn) {
        turn.then(next, (error: unknown) => {
          this.errors.answer(error, request, response);
        });
        return;
      }
    }
    next();
  }

  /**
   * The same for a message of a WebSocket, of so many bytes, whose key was good when the socket was opened. Rejects with
   * `overloaded`, and with the reason of a call that is aborted.
   */
  async enterMessage(call: CallContext, bytes: number): Promise<void> {
    await this.gate.enter(call, projectOf, call);
    this.bodies.hold(call, bytes);
  }

  #passes(call: CallContext, method: string): boolean {
    if (call.surface === 'operations' || method === 'OPTIONS') return true;
    if (call.surface !== 'admin' || this.#admins >= SEATS_OF_ADMINS) return false;
    this.#admins += 1;
    call.defer(() => {
      this.#admins -= 1;
    });
    return true;
  }

  // Nothing is looked up: all keys that were not good here before share what one project has.
  readonly #ownerOf = ({ rawHeaders }: Request): string => {
    try {
      return this.authenticator.lastProjectOf(readCredentials(rawHeaders)) ?? STRANGERS;
    } catch {
      return STRANGERS;
    }
  };
}

function projectOf({ principal }: CallContext): string {
  return principal.projectId;
}
