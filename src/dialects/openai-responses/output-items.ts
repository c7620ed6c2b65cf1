import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';

/** An item of a response's output while it is made. */
export interface Place {
  readonly index: number;
  /** A copy of its own that grows; once it is done, the item as it was told. */
  item: JsonObject;
  isDone: boolean;
  /** Where the part stands that is being told; null between parts. */
  openPart: number | null;
  /** Which list of the item holds it. */
  openList: PartList;
}

/** Where an item has its parts. */
export type PartList = 'content' | 'summary';

type Fold = (place: Place, event: JsonObject) => void;

const FOLDS: Readonly<Record<string, Fold>> = {
  'response.content_part.added': (place, event) => {
    openPart(place, 'content', { at: event.content_index, part: event.part });
  },
  'response.content_part.done': (place, event) => {
    closePart(place, 'content', { at: event.content_index, part: event.part });
  },
  'response.output_text.delta': (place, event) => {
    const part = partAt(place, 'content', event.content_index);
    append(part, 'text', event.delta);
    if (part && Array.isArray(event.logprobs)) listIn(part, 'logprobs').push(...event.logprobs);
  },
  'response.output_text.done': (place, event) => {
    set(partAt(place, 'content', event.content_index), 'text', event.text);
  },
  'response.output_text.annotation.added': (place, event) => {
    const part = partAt(place, 'content', event.content_index);
    if (part && event.annotation !== undefined) listIn(part, 'annotations').push(event.annotation);
  },
  'response.refusal.delta': (place, event) => {
    append(partAt(place, 'content', event.content_index), 'refusal', event.delta);
  },
  'response.refusal.done': (place, event) => {
    set(partAt(place, 'content', event.content_index), 'refusal', event.refusal);
  },
  'response.reasoning_text.delta': (place, event) => {
    append(partAt(place, 'content', event.content_index), 'text', event.delta);
  },
  'response.reasoning_text.done': (place, event) => {
    set(partAt(place, 'content', event.content_index), 'text', event.text);
  },
  'response.reasoning_summary_part.added': (place, event) => {
    openPart(place, 'summary', { at: event.summary_index, part: event.part });
  },
  'response.reasoning_summary_part.done': (place, event) => {
    closePart(place, 'summary', { at: event.summary_index, part: event.part });
  },
  'response.reasoning_summary_text.delta': (place, event) => {
    append(partAt(place, 'summary', event.summary_index), 'text', event.delta);
  },
  'response.reasoning_summary_text.done': (place, event) => {
    set(partAt(place, 'summary', event.summary_index), 'text', event.text);
  },
  'response.function_call_arguments.delta': ({ item }, event) => {
    append(item, 'arguments', event.delta);
  },
  'response.function_call_arguments.done': ({ item }, event) => {
    set(item, 'arguments', event.arguments);
  },
  'response.custom_tool_call_input.delta': ({ item }, event) => {
    append(item, 'input', event.delta);
  },
  'response.custom_tool_call_input.done': ({ item }, event) => {
    set(item, 'input', event.input);
  },
};

/** The output of a response: what the events that were told so far come to. */
export class OutputItems {
  readonly #places: Place[] = [];

  get length(): number {
    return this.#places.length;
  }

  get last(): Place | undefined {
    return this.#places.at(-1);
  }

  at(index: number): Place | undefined {
    return this.#places[index];
  }

  /** Those that are not done, in order. */
  open(): Place[] {
    return this.#places.filter(({ isDone }) => !isDone);
  }

  /** Takes in an event that is about to be told. Events of other types, and of items that were not begun, change nothing. */
  apply(event: JsonObject): void {
    const { type, output_index: index, item } = event;
    if (typeof type !== 'string' || typeof index !== 'number') return;
    if (type === 'response.output_item.added') {
      if (isJsonObject(item) && index === this.#places.length) this.#places.push(beginPlace(index, item));
      return;
    }
    const place = this.#places[index];
    if (!place || place.isDone) return;
    if (type === 'response.output_item.done') {
      if (isJsonObject(item)) Object.assign(place, { item, isDone: true, openPart: null });
      return;
    }
    if (Object.hasOwn(FOLDS, type)) FOLDS[type]?.(place, event);
  }

  /** The items as they stand; when nothing follows any more, those that were not done are incomplete. */
  toJson(isOver: boolean): JsonObject[] {
    return this.#places.map(({ item, isDone }) => {
      if (isDone) return item;
      const copy = copyItem(item);
      return isOver && copy.status === 'in_progress' ? { ...copy, status: 'incomplete' } : copy;
    });
  }
}

/** The part of an item's list at a position; null when there is none. */
export function partAt({ item }: Place, list: PartList, at: JsonValue | undefined): JsonObject | null {
  const parts = item[list];
  const part = Array.isArray(parts) && typeof at === 'number' ? parts[at] : undefined;
  return isJsonObject(part) ? part : null;
}

/** A copy whose parts can change without the item's. */
export function copyItem(item: JsonObject): JsonObject {
  const copy = { ...item };
  for (const list of ['content', 'summary']) {
    const parts = item[list];
    if (Array.isArray(parts)) copy[list] = parts.map((part) => (isJsonObject(part) ? copyPart(part) : part));
  }
  return copy;
}

/** A copy whose lists can grow without the part's. */
export function copyPart(part: JsonObject): JsonObject {
  const copy = { ...part };
  for (const list of ['annotations', 'logprobs']) {
    const values = part[list];
    if (Array.isArray(values)) copy[list] = [...values];
  }
  return copy;
}

function beginPlace(index: number, item: JsonObject): Place {
  return { index, item: copyItem(item), isDone: false, openPart: null, openList: 'content' };
}

interface PartPlace {
  readonly at: JsonValue | undefined;
  readonly part: JsonValue | undefined;
}

function openPart(place: Place, list: PartList, { at, part }: PartPlace): void {
  const parts = listIn(place.item, list);
  if (!isJsonObject(part) || at !== parts.length) return;
  parts.push(copyPart(part));
  place.openPart = parts.length - 1;
  place.openList = list;
}

function closePart(place: Place, list: PartList, { at, part }: PartPlace): void {
  const parts = listIn(place.item, list);
  if (!isJsonObject(part) || typeof at !== 'number' || at >= parts.length) return;
  parts[at] = copyPart(part);
  if (place.openPart === at && place.openList === list) place.openPart = null;
}

function listIn(object: JsonObject, name: string): JsonValue[] {
  const list = object[name];
  if (Array.isArray(list)) return list;
  const made: JsonValue[] = [];
  object[name] = made;
  return made;
}

function append(object: JsonObject | null, name: string, delta: JsonValue | undefined): void {
  if (!object || typeof delta !== 'string') return;
  const before = object[name];
  object[name] = typeof before === 'string' ? before + delta : delta;
}

function set(object: JsonObject | null, name: string, value: JsonValue | undefined): void {
  if (object && typeof value === 'string') object[name] = value;
}
