import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { AppError } from '../core/errors/app-error.js';

/** A page of a list as clients see it. */
export interface ListPage<Item> {
  object: 'list';
  data: Item[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/**
 * One page of a project's rows, newest first; `rows` is a query with the alias `item` that is already bound to the
 * project. Throws `invalid_cursor` when `after` is not the id of one of the project's rows.
 */
export async function listPage<Row extends ObjectLiteral & { id: string }, Item extends { id: string }>(
  rows: SelectQueryBuilder<Row>,
  page: { projectId: string; limit: number; after?: string },
  render: (row: Row) => Item,
): Promise<ListPage<Item>> {
  const query = rows
    .orderBy('item.createdAt', 'DESC')
    .addOrderBy('item.id', 'DESC')
    .limit(page.limit + 1);
  if (page.after !== undefined) {
    const cursor = { cursor: page.after, cursorProject: page.projectId };
    const known = await rows.clone().andWhere('item.id = :cursor', cursor).getCount();
    if (known === 0) {
      const message = 'There is no item with the id given in `after`. Use the `last_id` of a page.';
      throw new AppError('invalid_cursor', message, { param: 'after' });
    }
    // Compared in the database, whose times are finer than JavaScript's.
    const table = rows.expressionMap.mainAlias?.metadata.tableName ?? '';
    query.andWhere(
      `(item.created_at, item.id) < (select last.created_at, last.id from ${table} last
        where last.project_id = :cursorProject and last.id = :cursor)`,
      cursor,
    );
  }
  const items = await query.getMany();
  const data = items.slice(0, page.limit).map(render);
  return {
    object: 'list',
    data,
    has_more: items.length > page.limit,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
