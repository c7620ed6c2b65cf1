import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { TurnMessage } from '../turns/turn-message.js';
import { EFFECTIVE_STATUS } from './turn-store.js';

/** One message of what was said before. */
export interface HistoryMessage {
  readonly turn: number;
  readonly message: TurnMessage;
  /** Prompt tokens by our own count. */
  readonly tokens: number;
}

/** What a conversation is as a whole. */
export interface ConversationHead {
  readonly id: string;
  /** The system text that holds; null without one. */
  readonly system: string | null;
  readonly lastTurn: number;
  /** What stands for the turns up to `summaryUntil`; null without one. */
  readonly summary: string | null;
  readonly summaryUntil: number;
}

interface HeadRow {
  id: string;
  system: string | null;
  last_turn: number;
  summary: string | null;
  summary_until: number;
}

interface MessageRow {
  turn: number;
  content: string;
  tokens: number;
}

/** No provider takes more in one request; what is older falls out as if the window ended there. */
const MOST_HISTORY_BYTES = 24 * 1024 * 1024;

/** Reads what was said in conversations for those who go on with them. */
@Injectable()
export class HistoryReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Null for a conversation that the project does not have. */
  async findHead(projectId: string, conversationId: string): Promise<ConversationHead | null> {
    const rows = await this.dataSource.query<HeadRow[]>(
      `select id, last_turn, summary, summary_until, (select turn.system from conversation_turn turn
         where turn.conversation_id = conversation.id and turn.system is not null
           and turn.status <> 'failed' and ${EFFECTIVE_STATUS} in ('completed', 'partial')
         order by turn.turn desc limit 1) as system
       from conversation where project_id = $1 and id = $2`,
      [projectId, conversationId],
    );
    const [row] = rows;
    if (!row) return null;
    return {
      id: row.id,
      system: row.system,
      lastTurn: row.last_turn,
      summary: row.summary,
      summaryUntil: row.summary_until,
    };
  }

  /**
   * The messages of the newest turns before `beforeTurn`, of as many as `MOST_HISTORY_BYTES` hold. Turns that got no answer,
   * or none yet, are no part of it.
   */
  async readMessages(conversationId: string, beforeTurn: number): Promise<HistoryMessage[]> {
    const rows = await this.dataSource.query<MessageRow[]>(
      `with seen as (
         select turn.turn, ${EFFECTIVE_STATUS} as status from conversation_turn turn
         where turn.conversation_id = $1 and turn.turn < $2 and turn.status <> 'failed'
       ), sized as (
         select message.turn, message.ordinal,
           sum(message.bytes) over (order by message.turn desc) as bytes
         from conversation_message message
         join seen on seen.turn = message.turn and seen.status in ('completed', 'partial')
         where message.conversation_id = $1
       )
       select message.turn, message.content, message.tokens from sized
       join conversation_message message
         on message.conversation_id = $1 and message.turn = sized.turn and message.ordinal = sized.ordinal
       where sized.bytes <= $3
       order by message.turn, message.ordinal`,
      [conversationId, beforeTurn, MOST_HISTORY_BYTES],
    );
    return rows.map(({ turn, content, tokens }) => ({ turn, tokens, message: JSON.parse(content) as TurnMessage }));
  }

  /** Keeps a summary, unless a later one is there already. */
  async keepSummary(conversationId: string, summary: string, until: number): Promise<void> {
    await this.dataSource.query(
      'update conversation set summary = $2, summary_until = $3 where id = $1 and summary_until < $3',
      [conversationId, summary, until],
    );
  }
}
