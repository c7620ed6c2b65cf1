import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { toMessageRow, type TurnMessage } from '../turns/turn-message.js';
import { EFFECTIVE_STATUS } from './turn-store.js';

/** Whether what was said is whole: `running` while its answer is under way. */
export type TurnStatus = 'running' | 'completed' | 'partial' | 'failed';

/** A stored message, and what is known of its turn. */
export interface StoredMessage {
  readonly id: string;
  readonly turn: number;
  readonly message: TurnMessage;
  readonly isAnswer: boolean;
  /** Whether nothing of its turn follows. */
  readonly isLast: boolean;
  readonly turnStatus: TurnStatus;
  readonly finishReason: string | null;
  readonly requestId: string;
  readonly model: string | null;
  readonly provider: string | null;
  readonly createdAt: Date;
}

interface Row extends Omit<StoredMessage, 'message'> {
  content: string;
}

/** Which messages of a conversation are wanted. */
export interface MessagePage {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  /** The id of a message: only those behind it in this order, itself too when `isInclusive`. */
  readonly after?: string;
  readonly isInclusive?: boolean;
}

const MESSAGE_ID = /^msg_[0-9A-Z]{24}$/;
const SELECT = `select message.id, message.turn, message.content, message.is_answer as "isAnswer",
    not exists (select 1 from conversation_message later where later.conversation_id = message.conversation_id
      and later.turn = message.turn and later.ordinal > message.ordinal) as "isLast",
    ${EFFECTIVE_STATUS} as "turnStatus", turn.finish_reason as "finishReason", turn.request_id as "requestId",
    message.model, message.provider, message.created_at as "createdAt"
  from conversation_message message
  join conversation_turn turn on turn.conversation_id = message.conversation_id and turn.turn = message.turn`;

/** The messages of conversations, one by one. Who asks has made sure that the conversation is theirs. */
@Injectable()
export class MessageStore {
  constructor(private readonly dataSource: DataSource) {}

  /** At most `limit` messages; null when `after` is no message of the conversation. */
  async list(
    conversationId: string,
    { limit, order, after, isInclusive }: MessagePage,
  ): Promise<StoredMessage[] | null> {
    const place = after === undefined ? null : await this.#placeOf(conversationId, after);
    if (after !== undefined && !place) return null;
    const comparison = `${order === 'asc' ? '>' : '<'}${isInclusive === true ? '=' : ''}`;
    const rows = await this.dataSource.query<Row[]>(
      `${SELECT} where message.conversation_id = $1
         ${place ? `and (message.turn, message.ordinal) ${comparison} ($3::int, $4::int)` : ''}
       order by message.turn ${order}, message.ordinal ${order} limit $2`,
      [conversationId, limit, ...(place ? [place.turn, place.ordinal] : [])],
    );
    return rows.map(toStoredMessage);
  }

  /** Null for one that the conversation does not have. */
  async find(conversationId: string, id: string): Promise<StoredMessage | null> {
    if (!MESSAGE_ID.test(id)) return null;
    const rows = await this.dataSource.query<Row[]>(
      `${SELECT} where message.conversation_id = $1 and message.id = $2`,
      [conversationId, id],
    );
    const [row] = rows;
    return row ? toStoredMessage(row) : null;
  }

  /** The messages of a turn in their order. */
  async ofTurn(conversationId: string, turn: number): Promise<StoredMessage[]> {
    const rows = await this.dataSource.query<Row[]>(
      `${SELECT} where message.conversation_id = $1 and message.turn = $2 order by message.ordinal`,
      [conversationId, turn],
    );
    return rows.map(toStoredMessage);
  }

  /** Puts a message in the place of the one with this id, or removes that for null. What was summed up of it is forgotten. */
  async replace(conversationId: string, id: string, message: TurnMessage | null): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      // A summary may hold what is to be gone; the next one is made without it.
      await manager.query(
        'update conversation set summary = null, summary_until = 0, updated_at = now() where id = $1',
        [conversationId],
      );
      if (message === null) {
        await manager.query('delete from conversation_message where conversation_id = $1 and id = $2', [
          conversationId,
          id,
        ]);
        return;
      }
      const row = toMessageRow(message, id);
      await manager.query(
        `update conversation_message set content = $3, call_ids = $4::text[], tokens = $5, bytes = $6
         where conversation_id = $1 and id = $2`,
        [conversationId, id, row.content, row.callIds, row.tokens, row.bytes],
      );
    });
  }

  async #placeOf(conversationId: string, id: string): Promise<{ turn: number; ordinal: number } | null> {
    if (!MESSAGE_ID.test(id)) return null;
    const rows = await this.dataSource.query<{ turn: number; ordinal: number }[]>(
      'select turn, ordinal from conversation_message where conversation_id = $1 and id = $2',
      [conversationId, id],
    );
    return rows[0] ?? null;
  }
}

function toStoredMessage({ content, ...row }: Row): StoredMessage {
  return { ...row, message: JSON.parse(content) as TurnMessage };
}
