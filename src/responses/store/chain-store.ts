import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { parseExactJson } from '../../core/exact-json.js';
import type { JsonObject } from '../../core/json.js';
import type { ResponseStatus, StoredItem } from './stored-response.js';

/** One response of a chain. */
export interface ChainLink {
  readonly id: string;
  readonly previousId: string | null;
  readonly conversationId: string | null;
  readonly status: ResponseStatus;
  /** Of its items, as they are stored. */
  readonly bytes: number;
}

/** An item of a chain, and whose it is. */
export type ChainItem = StoredItem & { readonly responseId: string };

interface LinkRow {
  id: string;
  previous_id: string | null;
  conversation_id: string | null;
  status: ResponseStatus;
  bytes: number;
}

interface ItemRow {
  response_id: string;
  id: string;
  is_output: boolean;
  content: string;
}

/** Which items of a chain are wanted. */
export interface ItemPage {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  readonly after: string | undefined;
}

// What the last one consists of is not what it was made of.
const ITEMS = `
  with chain as (select given.id, given.place from unnest($1::text[]) with ordinality as given (id, place)), listed as (
    select item.response_id, item.id, item.is_output, item.content,
      row_number() over (order by chain.place, item.ordinal) as position
    from response_item item join chain on chain.id = item.response_id
    where not (item.is_output and chain.place = cardinality($1::text[]))
  )`;

/** Responses that go on from each other, however many: two queries, whatever the length. */
@Injectable()
export class ChainStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The response and those before it, itself first, at most so many; empty when the project does not have it. */
  async links(projectId: string, id: string, most: number): Promise<ChainLink[]> {
    const rows = await this.dataSource.query<LinkRow[]>(
      `with recursive chain as (
         select id, previous_id, conversation_id, status, bytes, 1 as depth from response where project_id = $1 and id = $2
         union all
         select earlier.id, earlier.previous_id, earlier.conversation_id, earlier.status, earlier.bytes, chain.depth + 1
         from chain join response earlier on earlier.id = chain.previous_id and earlier.project_id = $1
         where chain.depth < $3
       ) select id, previous_id, conversation_id, status, bytes from chain order by depth`,
      [projectId, id, most],
    );
    return rows.map((row) => ({
      id: row.id,
      previousId: row.previous_id,
      conversationId: row.conversation_id,
      status: row.status,
      bytes: row.bytes,
    }));
  }

  /** All items of the responses, in the order of the ids. */
  async items(ids: readonly string[]): Promise<ChainItem[]> {
    const rows = await this.dataSource.query<ItemRow[]>(
      `select item.response_id, item.id, item.is_output, item.content
       from unnest($1::text[]) with ordinality as chain (id, place)
       join response_item item on item.response_id = chain.id
       order by chain.place, item.ordinal`,
      [ids],
    );
    return rows.map(toChainItem);
  }

  /**
   * A page of what the last of the responses was made of: the items of those before it and its own input. Null when `after`
   * is none of them.
   */
  async page(ids: readonly string[], { limit, order, after }: ItemPage): Promise<ChainItem[] | null> {
    const isAscending = order === 'asc';
    // Of several with one id the last one in this order, so that no page leads back to an earlier one.
    const [cursor] = await this.dataSource.query<{ position: string | null }[]>(
      `${ITEMS} select ${isAscending ? 'max' : 'min'}(position)::text as position from listed where id = $2`,
      [ids, after ?? ''],
    );
    const position = cursor?.position ?? null;
    if (after !== undefined && position === null) return null;
    const rows = await this.dataSource.query<ItemRow[]>(
      `${ITEMS} select response_id, id, is_output, content from listed
       where $2::bigint is null or position ${isAscending ? '>' : '<'} $2::bigint
       order by position ${isAscending ? 'asc' : 'desc'} limit $3`,
      [ids, position, limit],
    );
    return rows.map(toChainItem);
  }
}

function toChainItem(row: ItemRow): ChainItem {
  return {
    responseId: row.response_id,
    id: row.id,
    isOutput: row.is_output,
    item: parseExactJson(row.content) as JsonObject,
  };
}
