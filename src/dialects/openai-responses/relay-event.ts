import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { type OutputItems, partAt, type Place } from './output-items.js';

// What an event adds to, and is told of only when that was begun.
const PARTS: Readonly<Record<string, 'content' | 'summary'>> = {
  'response.content_part.done': 'content',
  'response.output_text.delta': 'content',
  'response.output_text.done': 'content',
  'response.output_text.annotation.added': 'content',
  'response.refusal.delta': 'content',
  'response.refusal.done': 'content',
  'response.reasoning_text.delta': 'content',
  'response.reasoning_text.done': 'content',
  'response.reasoning_summary_part.done': 'summary',
  'response.reasoning_summary_text.delta': 'summary',
  'response.reasoning_summary_text.done': 'summary',
};
// Frames are named after it.
const EVENT_TYPE = /^[\w.-]{1,128}$/;
const POSITIONS = { content: 'content_index', summary: 'summary_index' } as const;

/** Takes over the events of providers that speak this dialect: with our numbers, and with what the schema demands of them. */
export class EventRelay {
  readonly #items: OutputItems;
  /** The number that an item has here, by the one that it has there. */
  readonly #indices = new Map<number, number>();

  constructor(items: OutputItems) {
    this.#items = items;
  }

  /** Another answer begins: its items are counted from zero again. */
  restart(): void {
    this.#indices.clear();
  }

  /** The event as it can be told but for its sequence number: the same one where nothing is to change. Null when it cannot. */
  relay(event: JsonObject): JsonObject | null {
    if (typeof event.type !== 'string' || !EVENT_TYPE.test(event.type)) return null;
    if (event.output_index === undefined) return event;
    const index = this.#indexOf(event);
    if (index === null) return null;
    const mended = this.#mend(event, index);
    if (!mended) return null;
    return mended.output_index === index ? mended : { ...mended, output_index: index };
  }

  #indexOf({ type, output_index: index }: JsonObject): number | null {
    if (typeof index !== 'number') return null;
    if (type === 'response.output_item.added') {
      this.#indices.set(index, this.#items.length);
      return this.#items.length;
    }
    return this.#indices.get(index) ?? null;
  }

  #mend(event: JsonObject, index: number): JsonObject | null {
    const { type } = event;
    if (type === 'response.output_item.added' || type === 'response.output_item.done') return mendItemOf(event);
    const place = this.#items.at(index);
    if (!place || place.isDone) return null;
    const list = typeof type === 'string' && Object.hasOwn(PARTS, type) ? PARTS[type] : undefined;
    if (list && !partAt(place, list, event[POSITIONS[list]])) return null;
    return mendEvent(event, place);
  }
}

/** An item with what the schema demands and some servers leave out. */
export function mendItem(item: JsonObject): JsonObject {
  const { content } = item;
  if (item.type !== 'message' || !Array.isArray(content) || content.every(isCompletePart)) return item;
  return { ...item, content: content.map(mendPart) };
}

function mendItemOf(event: JsonObject): JsonObject | null {
  if (!isJsonObject(event.item)) return null;
  const item = mendItem(event.item);
  return item === event.item ? event : { ...event, item };
}

function mendEvent(event: JsonObject, { item }: Place): JsonObject {
  switch (event.type) {
    case 'response.output_text.delta':
    case 'response.output_text.done':
      return Array.isArray(event.logprobs) ? event : { ...event, logprobs: [] };
    case 'response.content_part.added':
    case 'response.content_part.done':
      return isCompletePart(event.part ?? null) ? event : { ...event, part: mendPart(event.part ?? null) };
    case 'response.function_call_arguments.done':
      return typeof event.name === 'string' ? event : { ...event, name: item.name };
    default:
      return event;
  }
}

function isCompletePart(part: JsonValue): boolean {
  if (!isJsonObject(part) || part.type !== 'output_text') return true;
  return Array.isArray(part.annotations) && Array.isArray(part.logprobs);
}

function mendPart(part: JsonValue): JsonValue {
  if (!isJsonObject(part) || isCompletePart(part)) return part;
  return {
    ...part,
    annotations: Array.isArray(part.annotations) ? part.annotations : [],
    logprobs: Array.isArray(part.logprobs) ? part.logprobs : [],
  };
}
