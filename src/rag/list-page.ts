import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { AppError } from '../core/errors/app-error.js';
import { type ListOf, listOf } from '../http/list-of.js';

/**
 * One page of a project's rows, newest first; `rows` is a query with the alias `item` that is already bound to the
 * project. Throws `invalid_cursor` when `after` is not the id of one of the project's rows.
 */
export async function listPage<Row extends ObjectLiteral & { id: string }, Item extends { id: string }>(
  rows: SelectQueryBuilder<Row>,
  page: { projectId: string; limit: number; after?: string },
  render: (row: Row) => Item,
): Promise<ListOf<Item>> {
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
  return listOf(items.slice(0, page.limit).map(render), items.length > page.limit);
}
