import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { readStatus } from '../store/read-status.js';
import type { ResponseStatus } from '../store/stored-response.js';
import type { LoggedEvent } from './event-log.js';

const MOST_AT_ONCE = 500;

/** The events of responses in the background, for those who read along. */
@Injectable()
export class EventStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The events behind a number, in order; not all of them when there are many. */
  after(id: string, sequence: number): Promise<LoggedEvent[]> {
    return this.dataSource.query<LoggedEvent[]>(
      `select sequence, name, content from response_event where response_id = $1 and sequence > $2
       order by sequence limit $3`,
      [id, sequence, MOST_AT_ONCE],
    );
  }

  /** How the response stands; null for one that is gone. */
  statusOf(id: string): Promise<ResponseStatus | null> {
    return readStatus(this.dataSource, id);
  }

  /** Whether there is anything to be read. */
  async has(id: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>('select 1 from response_event where response_id = $1 limit 1', [
      id,
    ]);
    return rows.length > 0;
  }
}

/** Writes events; those that are there already stay as they are. */
export async function insertEvents(manager: EntityManager, id: string, events: readonly LoggedEvent[]): Promise<void> {
  if (events.length === 0) return;
  await manager.query(
    `insert into response_event (response_id, sequence, name, content)
     select response.id, given.sequence, given.name, given.content
     from response cross join unnest($2::int[], $3::text[], $4::text[]) as given (sequence, name, content)
     where response.id = $1 on conflict do nothing`,
    [id, events.map(({ sequence }) => sequence), events.map(({ name }) => name), events.map(({ content }) => content)],
  );
}
