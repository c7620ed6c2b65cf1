/** A page of a list as clients see it. */
export interface ListOf<Item> {
  object: 'list';
  data: Item[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** Makes a page of items; the ids are null when it is empty. */
export function listOf<Item extends { id: string }>(data: Item[], hasMore: boolean): ListOf<Item> {
  return {
    object: 'list',
    data,
    has_more: hasMore,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
