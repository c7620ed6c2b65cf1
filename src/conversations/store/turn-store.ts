import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { INSTANCE_DEAD_AFTER_SECONDS } from '../../database/instance-heartbeat.service.js';
import { type EndedTurn, insertTurn, type NewTurn, type TurnPlace, upsertAnswer } from './write-turn.js';

/** What was given to a turn that the conversation has no room or no use for. */
export type TurnRefusal = { kind: 'absent' } | { kind: 'full'; messages: number } | { kind: 'unasked'; callId: string };

/** As it is stored, a turn whose process is dead still runs: whoever reads takes it for what is there of it. */
export const EFFECTIVE_STATUS = `case when turn.status <> 'running' then turn.status
  when exists (select 1 from instance alive where alive.id = turn.instance_id
    and alive.heartbeat_at > now() - make_interval(secs => ${String(INSTANCE_DEAD_AFTER_SECONDS)})) then 'running'
  when exists (select 1 from conversation_message answer where answer.conversation_id = turn.conversation_id
    and answer.turn = turn.turn and answer.is_answer) then 'partial'
  else 'failed' end`;

/** Turns as they are written: begun before anybody is asked, ended when the answer is over. */
@Injectable()
export class TurnStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Makes a conversation with its first turn, at once or not at all. */
  async beginConversation(
    conversation: { id: string; projectId: string; title: string | null },
    turn: NewTurn,
  ): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query('insert into conversation (id, project_id, title, last_turn) values ($1, $2, $3, 1)', [
        conversation.id,
        conversation.projectId,
        conversation.title,
      ]);
      const answerAt = turn.messages.length;
      await insertTurn(manager, { conversationId: conversation.id, turn: 1, answerAt }, turn);
    });
  }

  /**
   * Gives a turn its number and stores what it says. Writers wait for each other here and nowhere else. `asked` are ids of
   * calls that the messages answer: each must be open.
   */
  begin(
    { projectId, conversationId }: { projectId: string; conversationId: string },
    turn: NewTurn,
    limits: { mostMessages: number; asked: readonly string[] },
  ): Promise<TurnPlace | TurnRefusal> {
    return this.dataSource.transaction(async (manager) => {
      const [rows] = await manager.query<[{ last_turn: number }[], number]>(
        `update conversation set last_turn = last_turn + 1, updated_at = now()
         where project_id = $1 and id = $2 returning last_turn`,
        [projectId, conversationId],
      );
      const [row] = rows;
      if (!row) return { kind: 'absent' };
      const stored = await countMessages(manager, conversationId);
      const refusal =
        stored + turn.messages.length > limits.mostMessages
          ? ({ kind: 'full', messages: stored } as const)
          : await findUnasked(manager, conversationId, limits.asked);
      if (refusal) {
        // As if nobody had come: the numbers have no gaps.
        await manager.query('update conversation set last_turn = last_turn - 1 where id = $1', [conversationId]);
        return refusal;
      }
      const place = { conversationId, turn: row.last_turn, answerAt: turn.messages.length };
      await insertTurn(manager, place, turn);
      return place;
    });
  }

  /** Stores the answer as far as it is there, while it goes on. A turn that is gone stays gone. */
  async save(place: TurnPlace, answer: Omit<EndedTurn, 'status'>): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      if (await lockTurn(manager, place)) await upsertAnswer(manager, place, answer);
    });
  }

  /** Ends a turn with its answer. A turn that is gone, with its conversation or alone, stays gone. */
  async end(place: TurnPlace, ended: EndedTurn): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      // The conversation first, as everybody does who takes both.
      await manager.query('update conversation set updated_at = now() where id = $1', [place.conversationId]);
      if (!(await lockTurn(manager, place))) return;
      await upsertAnswer(manager, place, ended);
      await manager.query(
        `update conversation_turn set status = $3, finish_reason = $4, ended_at = now()
         where conversation_id = $1 and turn = $2`,
        [place.conversationId, place.turn, ended.status, ended.finishReason],
      );
    });
  }

  /** Takes back what nobody was asked; a conversation that was made for it goes too. */
  async discard({ conversationId, turn }: TurnPlace, isNew: boolean): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query('select 1 from conversation where id = $1 for update', [conversationId]);
      await manager.query('delete from conversation_turn where conversation_id = $1 and turn = $2', [
        conversationId,
        turn,
      ]);
      if (!isNew) return;
      await manager.query(
        `delete from conversation where id = $1
         and not exists (select 1 from conversation_turn turn where turn.conversation_id = $1)`,
        [conversationId],
      );
    });
  }

  /**
   * Ends the turns of processes that are dead, and those of this one that it does not hold any more. Young ones are left
   * alone: they may have begun after `held` was read.
   */
  async endAbandoned(instanceId: string, held: readonly TurnPlace[]): Promise<void> {
    const places = held.map(({ conversationId, turn }) => `${conversationId} ${String(turn)}`);
    await this.dataSource.query(
      `update conversation_turn turn set ended_at = now(), status = case when exists (
         select 1 from conversation_message answer
         where answer.conversation_id = turn.conversation_id and answer.turn = turn.turn and answer.is_answer
       ) then 'partial' else 'failed' end
       where (turn.conversation_id, turn.turn) in (
         select left_open.conversation_id, left_open.turn from conversation_turn left_open
         where left_open.status = 'running'
           and not (left_open.conversation_id || ' ' || left_open.turn = any($2::text[]))
           and ((left_open.instance_id = $1 and left_open.created_at < now() - make_interval(secs => $3))
             or not exists (select 1 from instance alive where alive.id = left_open.instance_id
               and alive.heartbeat_at > now() - make_interval(secs => $3)))
         for update skip locked)`,
      [instanceId, places, INSTANCE_DEAD_AFTER_SECONDS],
    );
  }
}

async function lockTurn(manager: EntityManager, { conversationId, turn }: TurnPlace): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    'select 1 from conversation_turn where conversation_id = $1 and turn = $2 for update',
    [conversationId, turn],
  );
  return rows.length > 0;
}

async function countMessages(manager: EntityManager, conversationId: string): Promise<number> {
  const [row] = await manager.query<{ count: number }[]>(
    'select count(*)::int as count from conversation_message where conversation_id = $1',
    [conversationId],
  );
  return row?.count ?? 0;
}

// Some servers use the same ids again, so calls and results are counted.
async function findUnasked(
  manager: EntityManager,
  conversationId: string,
  asked: readonly string[],
): Promise<TurnRefusal | null> {
  if (asked.length === 0) return null;
  const rows = await manager.query<{ call_id: string; open: number }[]>(
    `select call_id, sum(case message.role when 'assistant' then 1 else -1 end)::int as open
     from conversation_message message
     join conversation_turn turn on turn.conversation_id = message.conversation_id and turn.turn = message.turn
     cross join unnest(message.call_ids) call_id
     where message.conversation_id = $1 and turn.status <> 'failed' and call_id = any($2::text[])
     group by call_id`,
    [conversationId, asked],
  );
  const open = new Map(rows.map((row) => [row.call_id, row.open]));
  for (const callId of asked) {
    const left = (open.get(callId) ?? 0) - 1;
    if (left < 0) return { kind: 'unasked', callId };
    open.set(callId, left);
  }
  return null;
}
