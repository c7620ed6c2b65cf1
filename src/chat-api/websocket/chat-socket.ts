import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Clock } from '../../core/clock.js';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import type { ErrorCode } from '../../core/errors/error-codes.js';
import type { JsonObject } from '../../core/json.js';
import type { ChatSocketLimits } from './chat-socket-limits.js';
import type { MessageDesk, SocketCaller } from './message-desk.service.js';
import type { MessageRun } from './message-run.js';
import { readSocketMessage, type SocketMessage } from './read-socket-message.js';
import { SocketWriter } from './socket-writer.js';

const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;
const RETRY_AFTER_MS = 1_000;
/** Why a message is refused whose key may be as good as ever. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['dependency_unavailable', 'overloaded', 'server_shutting_down']);

/** A close frame to be sent; `refusal` is what messages are told until then. */
export interface Farewell {
  readonly code: number;
  /** At most 123 bytes. */
  readonly reason: string;
  readonly refusal: AppError;
}

/** What a socket needs of its surroundings. */
export interface SocketTerms {
  readonly caller: SocketCaller;
  readonly desk: MessageDesk;
  readonly limits: ChatSocketLimits;
  readonly clock: Clock;
}

interface OpenRun {
  readonly run: MessageRun;
  readonly bytes: number;
}

/** One WebSocket: its messages under way by their ids, its heartbeat, and its end. */
export class ChatSocket {
  readonly #runs = new Map<string, OpenRun>();
  readonly #writer: SocketWriter;
  #bytes = 0;
  #farewell: Farewell | null = null;
  #isAlive = true;
  #pings = 0;
  #broken = 0;

  constructor(
    private readonly client: WebSocket,
    connection: Socket,
    private readonly terms: SocketTerms,
  ) {
    this.#writer = new SocketWriter(client, connection, terms.clock, terms.limits.writeMs, () => {
      this.#giveUp();
    });
    client.on('message', (data: Buffer, isBinary) => {
      this.#take(data, isBinary);
    });
    client.on('pong', () => {
      this.#isAlive = true;
    });
    client.on('ping', () => {
      this.#countPing();
    });
    client.once('close', () => {
      this.#cancelAll();
    });
    // What it refuses the library answers with the right close frame, which is all that there is to do.
    client.on('error', () => undefined);
  }

  get keyId(): string {
    return this.terms.caller.principal.keyId;
  }

  /** Ends the socket once the messages that are under way are over; takes no more of them. */
  endWhenIdle(farewell: Farewell): void {
    this.#farewell ??= farewell;
    this.#closeWhenIdle();
  }

  /** Ends the connection at once. */
  cut(): void {
    this.client.terminate();
  }

  /** Asks the client whether it is there, and cuts the connection when it has not answered the last time. */
  beat(): void {
    // A client that is behind is not heard either, and has a time limit of its own.
    if (this.#writer.isWaiting) return;
    if (!this.#isAlive) {
      this.cut();
      return;
    }
    this.#isAlive = false;
    this.#pings = 0;
    this.#broken = 0;
    this.client.ping();
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (!this.#writer.isOpen) return;
    this.#isAlive = true;
    if (isBinary) {
      this.client.close(POLICY_VIOLATION, 'Send text messages with JSON, no binary ones.');
      return;
    }
    const message = readSocketMessage(data);
    if (message.type === 'cancel') this.#runs.get(message.id)?.run.cancel();
    else this.#begin(message, data.length);
  }

  #begin(message: Exclude<SocketMessage, { type: 'cancel' }>, bytes: number): void {
    const { caller, desk } = this.terms;
    const refusal = message.type === 'broken' ? message.error : this.#refusalOf(message.id, bytes);
    if (message.type === 'broken' || refusal) {
      // An answer with an id that is in use would be taken for the end of the other message.
      const id = message.id !== null && this.#runs.has(message.id) ? null : message.id;
      desk.begin(id, caller, this.#writer, () => undefined).fail(refusal);
      if (message.type === 'broken') this.#countBroken();
      return;
    }
    const { id, body } = message;
    const run = desk.begin(id, caller, this.#writer, () => {
      this.#runs.delete(id);
      this.#bytes -= bytes;
      this.#closeWhenIdle();
    });
    this.#runs.set(id, { run, bytes });
    this.#bytes += bytes;
    void run.answer(() => this.#answer(run, body, bytes));
  }

  async #answer(run: MessageRun, body: JsonObject, bytes: number): ReturnType<MessageDesk['answer']> {
    const { caller, desk } = this.terms;
    await desk.authorise(run.call, caller, bytes).catch((error: unknown) => {
      this.#noteRefusedKey(error);
      throw error;
    });
    return desk.answer(run.call, body);
  }

  // A key that was good when the socket was opened and is not any more; one that cannot be checked for now is another matter.
  #noteRefusedKey(error: unknown): void {
    if (!(error instanceof AppError) || PASSING.has(error.code)) return;
    const reason =
      error.code === 'insufficient_scope' ? 'The key may not chat any more.' : 'The key is not valid any more.';
    this.endWhenIdle({ code: POLICY_VIOLATION, reason, refusal: error });
  }

  #refusalOf(id: string, bytes: number): AppError | null {
    const { messagesAtOnce, bytesAtOnce } = this.terms.limits;
    if (this.#farewell) return this.#farewell.refusal;
    if (this.#runs.has(id)) {
      const message = 'The `id` is that of a message under way. Give each message an id of its own.';
      return new InvalidRequestError('conflict', message, { param: 'id' });
    }
    if (this.#runs.size >= messagesAtOnce) {
      return tooMuch(`${String(messagesAtOnce)} messages of this socket are under way.`);
    }
    if (this.#bytes > 0 && this.#bytes + bytes > bytesAtOnce) {
      return tooMuch(`The messages under way on this socket would be larger than ${String(bytesAtOnce)} bytes.`);
    }
    return null;
  }

  #countPing(): void {
    this.#isAlive = true;
    this.#pings += 1;
    if (this.#pings > this.terms.limits.pingsPerHeartbeat) this.client.close(POLICY_VIOLATION, 'Too many pings.');
  }

  #countBroken(): void {
    this.#broken += 1;
    if (this.#broken <= this.terms.limits.brokenPerHeartbeat) return;
    this.client.close(POLICY_VIOLATION, 'Too many messages that cannot be read.');
  }

  #closeWhenIdle(): void {
    if (!this.#farewell || this.#runs.size > 0) return;
    this.client.close(this.#farewell.code, this.#farewell.reason);
  }

  // The client may read the reason behind what it has not read yet, if it is quick.
  #giveUp(): void {
    this.#cancelAll();
    this.client.close(TRY_AGAIN_LATER, 'What was sent was not read in time.');
    this.terms.clock.schedule(() => {
      this.cut();
    }, this.terms.limits.farewellMs);
  }

  #cancelAll(): void {
    for (const { run } of [...this.#runs.values()]) run.cancel();
  }
}

function tooMuch(what: string): AppError {
  return new AppError('concurrency_limit', `${what} Wait until one is over.`, { retryAfterMs: RETRY_AFTER_MS });
}
