import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { Telemetry } from '../../core/telemetry/telemetry.js';
import type { ChatSocket } from './chat-socket.js';
import { ChatSocketLimits } from './chat-socket-limits.js';

const GOING_AWAY = 1001;
const RETRY_AFTER_MS = 1_000;

/** The open sockets of this process: how many a key has, their heartbeats, and their end when the server stops. */
@Injectable()
export class ChatSockets {
  readonly #open = new Set<ChatSocket>();
  readonly #byKey = new Map<string, number>();
  #isDraining = false;
  #cancelBeat: (() => void) | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
    private readonly limits: ChatSocketLimits,
  ) {}

  get size(): number {
    return this.#open.size;
  }

  /** Throws `concurrency_limit` when the key has as many sockets as it may, `server_shutting_down` when the server stops. */
  assertRoom(keyId: string): void {
    if (this.#isDraining) throw shuttingDown();
    const { socketsPerKey } = this.limits;
    if ((this.#byKey.get(keyId) ?? 0) < socketsPerKey) return;
    throw new AppError(
      'concurrency_limit',
      `The key has ${String(socketsPerKey)} WebSockets open. Close one, or send several messages over one.`,
      { retryAfterMs: RETRY_AFTER_MS },
    );
  }

  /** Keeps a socket until `remove`. */
  add(socket: ChatSocket): void {
    this.#open.add(socket);
    this.#byKey.set(socket.keyId, (this.#byKey.get(socket.keyId) ?? 0) + 1);
    this.telemetry.socketOpened();
    if (!this.#cancelBeat) this.#scheduleBeat();
  }

  /** Lets a closed socket go; `code` is that of its close frame. */
  remove(socket: ChatSocket, code: number): void {
    if (!this.#open.delete(socket)) return;
    const left = (this.#byKey.get(socket.keyId) ?? 1) - 1;
    if (left > 0) this.#byKey.set(socket.keyId, left);
    else this.#byKey.delete(socket.keyId);
    this.telemetry.socketClosed({ code });
    if (this.#open.size > 0) return;
    this.#cancelBeat?.();
    this.#cancelBeat = null;
  }

  /** The server stops: sockets take no more messages, and are closed with 1001 when those under way are over. */
  drain(): void {
    this.#isDraining = true;
    const reason = 'The server is shutting down. Connect again.';
    for (const socket of [...this.#open]) socket.endWhenIdle({ code: GOING_AWAY, reason, refusal: shuttingDown() });
  }

  /** Ends every connection that is still open. */
  cut(): void {
    for (const socket of [...this.#open]) socket.cut();
  }

  /** Asks every client whether it is there, and ends the connections of those that did not answer the last time. */
  beat(): void {
    for (const socket of [...this.#open]) socket.beat();
  }

  #scheduleBeat(): void {
    this.#cancelBeat = this.clock.schedule(() => {
      this.#scheduleBeat();
      this.beat();
    }, this.limits.heartbeatMs);
  }
}

function shuttingDown(): AppError {
  return new AppError('server_shutting_down', 'The server is shutting down. Send the message again.', {
    retryAfterMs: RETRY_AFTER_MS,
  });
}
