import type { EntityManager } from 'typeorm';
import type { MessageRow } from '../turns/turn-message.js';

/** A turn of a conversation, by its number. */
export interface TurnPlace {
  readonly conversationId: string;
  readonly turn: number;
  /** The ordinal of the answer's first message: as many as were said, also when some of them are deleted meanwhile. */
  readonly answerAt: number;
}

/** What a request says, before anybody is asked. */
export interface NewTurn {
  readonly instanceId: string;
  readonly requestId: string;
  /** The system text for this turn and those after it; null leaves the one that holds. */
  readonly system: string | null;
  readonly messages: readonly MessageRow[];
  /** `completed` for messages that want no answer. */
  readonly status: 'running' | 'completed';
}

/** How a turn ended. */
export interface EndedTurn {
  readonly status: 'completed' | 'partial' | 'failed';
  readonly finishReason: string | null;
  readonly model: string | null;
  readonly provider: string | null;
  /** The answer's messages; they stand behind those of the request. */
  readonly messages: readonly MessageRow[];
}

const INSERT_MESSAGES = `insert into conversation_message
  (conversation_id, turn, ordinal, id, role, content, call_ids, tokens, bytes, is_answer, model, provider)
  select $1, $2, given.ordinal - 1 + $3, given.id, given.role, given.content,
    array(select jsonb_array_elements_text(given.call_ids::jsonb)), given.tokens, given.bytes, $4, $5, $6
  from unnest($7::text[], $8::text[], $9::text[], $10::text[], $11::int[], $12::int[]) with ordinality
    as given (id, role, content, call_ids, tokens, bytes, ordinal)`;

/** Writes a turn with what is said in it. */
export async function insertTurn(manager: EntityManager, place: TurnPlace, turn: NewTurn): Promise<void> {
  await manager.query(
    `insert into conversation_turn (conversation_id, turn, status, instance_id, request_id, system, ended_at)
     values ($1, $2, $3, $4, $5, $6, case when $3 = 'running' then null else now() end)`,
    [place.conversationId, place.turn, turn.status, turn.instanceId, turn.requestId, turn.system],
  );
  await manager.query(INSERT_MESSAGES, [
    ...[place.conversationId, place.turn, 0, false, null, null],
    ...columnsOf(turn.messages),
  ]);
}

/** Writes an answer behind what was said, in the place of what is there of it already. */
export async function upsertAnswer(
  manager: EntityManager,
  place: TurnPlace,
  { messages, model, provider }: Omit<EndedTurn, 'status'>,
): Promise<void> {
  if (messages.length === 0) return;
  await manager.query(
    `${INSERT_MESSAGES}
     on conflict (conversation_id, turn, ordinal) do update set content = excluded.content, role = excluded.role,
       call_ids = excluded.call_ids, tokens = excluded.tokens, bytes = excluded.bytes, model = excluded.model,
       provider = excluded.provider`,
    [...[place.conversationId, place.turn, place.answerAt, true, model, provider], ...columnsOf(messages)],
  );
}

function columnsOf(messages: readonly MessageRow[]): unknown[][] {
  return [
    messages.map(({ id }) => id),
    messages.map(({ role }) => role),
    messages.map(({ content }) => content),
    messages.map(({ callIds }) => JSON.stringify(callIds)),
    messages.map(({ tokens }) => tokens),
    messages.map(({ bytes }) => bytes),
  ];
}
