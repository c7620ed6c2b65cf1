import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { STATE_TTL_MS } from './provider-state-memory.js';
import type { ToolCallState } from './tool-call-state.js';

/** The state of one tool call, and whose it is. */
export interface StateRow {
  readonly projectId: string;
  readonly callId: string;
  readonly state: ToolCallState;
}

const MOST_ROWS = 100_000;
const LONGEST_ID = 256;

/** The table that the replicas share. */
@Injectable()
export class ProviderStateStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Writes the rows, in place of those with the same ids; no two of them may have the same. */
  async save(rows: readonly StateRow[]): Promise<void> {
    await this.dataSource.query(
      `insert into provider_state (project_id, call_id, state, expires_at)
       select project_id, call_id, state, now() + make_interval(secs => $4)
       from unnest($1::text[], $2::text[], $3::text[]) as given (project_id, call_id, state)
       on conflict (project_id, call_id) do update set state = excluded.state, expires_at = excluded.expires_at`,
      [
        rows.map(({ projectId }) => projectId),
        rows.map(({ callId }) => callId),
        rows.map(({ state }) => JSON.stringify(state)),
        STATE_TTL_MS / 1_000,
      ],
    );
  }

  /** The states of those of the project's calls that have one, by the call's id. */
  async find(projectId: string, callIds: readonly string[]): Promise<Map<string, ToolCallState>> {
    const rows: { call_id: string; state: string }[] = await this.dataSource.query(
      `select call_id, state from provider_state
       where project_id = $1 and call_id = any($2::text[]) and expires_at > now()`,
      [projectId, callIds],
    );
    return new Map(rows.map((row) => [row.call_id, JSON.parse(row.state) as ToolCallState]));
  }

  /** Deletes what has expired, and the oldest of what is more than the table may hold. */
  async deleteExpired(): Promise<void> {
    await this.dataSource.query('delete from provider_state where expires_at <= now()');
    await this.dataSource.query(
      `delete from provider_state where expires_at <=
       (select expires_at from provider_state order by expires_at desc offset $1 limit 1)`,
      [MOST_ROWS],
    );
  }
}

/** Tells whether an id can be in the table, letter by letter: clients and providers may send any text as one. */
export function isStorableId(callId: string): boolean {
  return callId.length <= LONGEST_ID && !callId.includes('\0') && callId.isWellFormed();
}
