import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ApiKeyAuthenticator } from '../../auth/api-key-authenticator.js';
import { insufficientScope } from '../../auth/api-key.guard.js';
import type { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import { newId } from '../../core/ids.js';
import type { JsonObject } from '../../core/json.js';
import { hasScope, type Principal } from '../../core/principal.js';
import type { SseFrame } from '../../core/sse-frame.js';
import { Tracing } from '../../core/telemetry/tracing.js';
import { parseNativeChat } from '../../dialects/native-chat/parse-native-chat.js';
import { renderNativeStream } from '../../dialects/native-chat/render-native-stream.js';
import { callOf } from '../../http/call-of.js';
import { createCall } from '../../http/create-call.js';
import { NativeChatService } from '../native-chat.service.js';
import { MessageBooks } from './message-books.service.js';
import { MessageRun } from './message-run.js';
import type { SocketWriter } from './socket-writer.js';

/** Who a socket was opened by, and the request that did it: its headers hold for every message. */
export interface SocketCaller {
  readonly request: IncomingMessage;
  readonly key: string;
  readonly address: string;
  /** As the key was when the socket was opened. */
  readonly principal: Principal;
}

/** What a message of a socket goes through: a call of its own, the check of its key, the answer, the books. */
@Injectable()
export class MessageDesk {
  constructor(
    private readonly authenticator: ApiKeyAuthenticator,
    private readonly chat: NativeChatService,
    private readonly books: MessageBooks,
    private readonly clock: Clock,
    private readonly tracing: Tracing,
  ) {}

  /** A message with a call of its own, on the books until `onOver`. */
  begin(id: string | null, caller: SocketCaller, writer: SocketWriter, onOver: (run: MessageRun) => void): MessageRun {
    const call = createCall(caller.request, this.clock, newId('req_'));
    call.authenticate(caller.principal);
    this.tracing.tracer?.message(call, callOf(caller.request));
    const close = this.books.open(call);
    const run = new MessageRun(call, id, writer, (outcome) => {
      close(outcome);
      onOver(run);
    });
    return run;
  }

  /**
   * Takes a seat for the message of so many bytes, as for a request, and asks anew who is calling, since keys are revoked and changed while
   * sockets are open. Rejects with `overloaded`, `invalid_api_key`, `too_many_auth_failures`, `insufficient_scope` or
   * `dependency_unavailable`.
   */
  async authorise(call: CallContext, { key, address }: SocketCaller, bytes: number): Promise<void> {
    await this.books.admit(call, bytes);
    const principal = await this.authenticator.authenticate(key, address);
    call.authenticate(principal);
    if (!hasScope(principal, 'chat')) throw insufficientScope('chat');
  }

  /** The frames of the answer to a message. Rejects with AppError, and so do the frames. */
  async answer(call: CallContext, body: JsonObject): Promise<AsyncIterable<SseFrame>> {
    const { events, facts } = await this.chat.answer(parseNativeChat(body, true), call);
    return renderNativeStream(events, facts);
  }
}
