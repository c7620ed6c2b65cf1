import { Injectable } from '@nestjs/common';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import { type TurnRefusal, TurnStore } from '../store/turn-store.js';
import type { NewTurn, TurnPlace } from '../store/write-turn.js';
import { conversationNotFound } from '../conversation-id.js';
import { OpenTurn } from './open-turn.js';
import { callIdsOf, type MessageRow, toMessageRow, type TurnMessage } from './turn-message.js';
import { toTitle } from './to-title.js';
import { TurnWriter } from './turn-writer.service.js';

/** What is said in a turn, by whoever asks. */
export interface Said {
  readonly system: string | null;
  readonly messages: readonly TurnMessage[];
}

/** Where turns begin: what is said is stored before anybody is asked. */
@Injectable()
export class TurnDesk {
  readonly #mostMessages: number;
  readonly #mostBytes: number;

  constructor(
    private readonly store: TurnStore,
    private readonly writer: TurnWriter,
    private readonly clock: Clock,
    gateway: GatewayConfig,
  ) {
    this.#mostMessages = gateway.conversations.maxMessages;
    this.#mostBytes = gateway.conversations.maxMessageBytes;
  }

  /**
   * Begins a turn of a conversation, or of a new one for null. Rejects with `not_found`, `invalid_state` for a conversation
   * that is full, `request_too_large` and `invalid_tool_sequence`.
   */
  async begin(conversationId: string | null, said: Said, call: CallContext): Promise<OpenTurn> {
    const turn = this.#toTurn(said, call, 'running');
    const place =
      conversationId === null
        ? await this.#beginNew(turn, said, call)
        : await this.#add(conversationId, turn, said, call);
    call.conversationId = place.conversationId;
    return new OpenTurn(place, conversationId === null, call, this.writer, this.clock);
  }

  /** Adds messages that want no answer. Rejects as `begin` does. */
  async append(conversationId: string, said: Said, call: CallContext): Promise<TurnPlace> {
    return this.#add(conversationId, this.#toTurn(said, call, 'completed'), said, call);
  }

  #toTurn({ system, messages }: Said, call: CallContext, status: NewTurn['status']): NewTurn {
    const rows = messages.map((message) => toMessageRow(message));
    this.#requireSize(rows);
    if (rows.length > this.#mostMessages) throw tooMany(0, this.#mostMessages);
    return { instanceId: this.writer.instanceId, requestId: call.id, system, messages: rows, status };
  }

  async #beginNew(turn: NewTurn, said: Said, call: CallContext): Promise<TurnPlace> {
    const conversationId = newId('conv_');
    const { projectId } = call.principal;
    await this.store.beginConversation({ id: conversationId, projectId, title: toTitle(said.messages) }, turn);
    return { conversationId, turn: 1, answerAt: turn.messages.length };
  }

  async #add(conversationId: string, turn: NewTurn, said: Said, call: CallContext): Promise<TurnPlace> {
    const asked = askedBefore(said.messages);
    const { projectId } = call.principal;
    const begun = await this.store.begin({ projectId, conversationId }, turn, {
      mostMessages: this.#mostMessages,
      asked,
    });
    if ('kind' in begun) throw this.#toError(begun);
    return begun;
  }

  #toError(refusal: TurnRefusal): AppError {
    switch (refusal.kind) {
      case 'absent':
        return conversationNotFound();
      case 'full':
        return tooMany(refusal.messages, this.#mostMessages);
      case 'unasked':
        return new InvalidRequestError(
          'invalid_tool_sequence',
          `\`messages\` holds a result of the tool call \`${refusal.callId.slice(0, 64)}\`, but no call of this id waits ` +
            'for one in the conversation. Look at GET /v1/conversations/{id}/messages.',
          { param: 'messages' },
        );
    }
  }

  #requireSize(rows: readonly MessageRow[]): void {
    const large = rows.find(({ bytes }) => bytes > this.#mostBytes);
    if (!large) return;
    throw new AppError(
      'request_too_large',
      `A message has ${String(large.bytes)} bytes; a stored one has at most ${String(this.#mostBytes)}. Send large images ` +
        'by their URL, or send `store: false`.',
      { param: 'messages' },
    );
  }
}

/** Ids of the calls that messages answer without making them: those are in the turns before. */
function askedBefore(messages: readonly TurnMessage[]): string[] {
  const called: string[] = [];
  return messages.flatMap((message) => {
    const ids = callIdsOf(message);
    if (message.role !== 'tool') {
      called.push(...ids);
      return [];
    }
    return ids.filter((id) => {
      const own = called.indexOf(id);
      if (own >= 0) called.splice(own, 1);
      return own < 0;
    });
  });
}

function tooMany(stored: number, most: number): AppError {
  return new AppError(
    'invalid_state',
    `The conversation has ${String(stored)} messages and may have ${String(most)}. Begin a new one, or delete items of it.`,
    { param: 'conversation_id' },
  );
}
