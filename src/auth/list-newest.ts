import type { FindOptionsWhere, ObjectLiteral, Repository } from 'typeorm';
import { AppError } from '../core/errors/app-error.js';

export interface PageRequest {
  limit: number;
  /** The id of the last item of the page before; absent on the first page. */
  after?: string;
}

export interface Page<Item> {
  items: Item[];
  hasMore: boolean;
}

interface Listed extends ObjectLiteral {
  id: string;
  createdAt: Date;
}

const ID_SHAPE = /^[a-z]+_[0-9A-Za-z]{1,64}$/;

/**
 * One page of a table, newest first, of the rows whose columns have the values of `only`. Throws `invalid_cursor` when
 * `after` is not the id of one of the table's rows.
 */
export async function listNewest<Item extends Listed>(
  repository: Repository<Item>,
  page: PageRequest,
  only: FindOptionsWhere<Item> = {},
): Promise<Page<Item>> {
  const query = repository
    .createQueryBuilder('item')
    .where(only)
    .orderBy('item.createdAt', 'DESC')
    .addOrderBy('item.id', 'DESC')
    .limit(page.limit + 1);
  if (page.after !== undefined) {
    const cursor = ID_SHAPE.test(page.after) ? page.after : null;
    if (cursor === null || !(await exists(repository, cursor))) throw invalidCursor();
    // Compared in the database, whose times are finer than JavaScript's.
    const table = repository.metadata.tableName;
    query.andWhere(
      `(item.created_at, item.id) < (select last.created_at, last.id from ${table} last where last.id = :id)`,
      {
        id: cursor,
      },
    );
  }
  const items = await query.getMany();
  return { items: items.slice(0, page.limit), hasMore: items.length > page.limit };
}

async function exists<Item extends Listed>(repository: Repository<Item>, id: string): Promise<boolean> {
  return (await repository.createQueryBuilder('item').where('item.id = :id', { id }).getCount()) > 0;
}

function invalidCursor(): AppError {
  return new AppError('invalid_cursor', 'There is no item with the id given in `after`. Use the `last_id` of a page.', {
    param: 'after',
  });
}
