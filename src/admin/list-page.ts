import type { Page } from '../auth/list-newest.js';

/** A page of a list as clients see it. */
export interface ListPage<Item> {
  object: 'list';
  data: Item[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** Renders a page; `first_id` and `last_id` are null when it is empty. */
export function toListPage<Row, Item extends { id: string }>(
  page: Page<Row>,
  render: (row: Row) => Item,
): ListPage<Item> {
  const data = page.items.map(render);
  return {
    object: 'list',
    data,
    has_more: page.hasMore,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
