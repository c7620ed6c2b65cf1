import type { JsonObject } from '../../../../core/json.js';
import { textOf } from '../read-content.js';

/** What a stream told of an item. */
export interface ToldItem {
  readonly type: string;
  readonly id: string | null;
}

/**
 * Where each item of a whole output stood in its stream; those that were not told there get places of their own. They are
 * known by their ids, else by their places, else by their order: some servers leave gaps in their numbers, others give an
 * item another id in every event.
 */
export function matchItems(items: readonly JsonObject[], told: ReadonlyMap<number, ToldItem>): number[] {
  const places = new Map<number, number>();
  const taken = new Set<number>();
  const take = (index: number, place: number): void => {
    places.set(index, place);
    taken.add(place);
  };
  const byId = new Map([...told].flatMap(([place, { id }]) => (id === null ? [] : [[id, place] as const])));
  items.forEach(({ id }, index) => {
    const place = byId.get(textOf(id) ?? '');
    if (place !== undefined && !taken.has(place)) take(index, place);
  });
  const inOrder = [...told.keys()].sort((left, right) => left - right);
  items.forEach(({ type }, index) => {
    if (places.has(index)) return;
    const place = [index, inOrder[index] ?? index].find((each) => !taken.has(each) && told.get(each)?.type === type);
    if (place !== undefined) take(index, place);
  });
  let free = Math.max(items.length, (inOrder.at(-1) ?? -1) + 1);
  return items.map((_item, index) => {
    const place = places.get(index);
    if (place !== undefined) return place;
    return told.has(index) ? free++ : index;
  });
}
