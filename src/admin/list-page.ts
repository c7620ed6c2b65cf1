import type { Page } from '../auth/list-newest.js';
import { type ListOf, listOf } from '../http/list-of.js';

/** Renders a page; `first_id` and `last_id` are null when it is empty. */
export function toListPage<Row, Item extends { id: string }>(
  page: Page<Row>,
  render: (row: Row) => Item,
): ListOf<Item> {
  return listOf(page.items.map(render), page.hasMore);
}
