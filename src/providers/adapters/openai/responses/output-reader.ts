import { randomUUID } from 'node:crypto';
import type { ChatEvent } from '../../../../core/chat/chat-event.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../core/json.js';
import { textOf } from '../read-content.js';
import { matchItems, type ToldItem } from './match-items.js';

/** An item of the output, as far as it was told. */
interface OpenItem extends ToldItem {
  /** The parts of which a piece has come: what their ends repeat is known. */
  readonly told: Set<string>;
  /** Of a call: which one of the answer's, and its id. */
  readonly call: { readonly index: number; readonly id: string } | null;
  isEnded: boolean;
}

const CALLS: ReadonlySet<string> = new Set(['function_call', 'custom_tool_call']);
// Ids of calls must have 64 characters at most.
const LONGEST_NAME = 48;
const BETWEEN_PARTS = '\n\n';

/**
 * Follows the items of one response's output: as they begin, grow and end in a stream, or each at once where the response is
 * whole. What ends without having grown is told at its end, so that nothing depends on pieces that a server leaves out. The
 * input of a custom tool is told as JSON, `{"input": TEXT}`.
 */
export class OutputReader {
  readonly #items = new Map<number, OpenItem>();
  readonly #placesById = new Map<string, number>();
  #calls = 0;
  #responseId = '';

  get hasCalls(): boolean {
    return this.#calls > 0;
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  /** Whose output it is; calls without an id are named after it. */
  nameAfter({ id }: JsonObject): void {
    this.#responseId = (textOf(id) ?? '').replace(/^resp_/, '').slice(0, LONGEST_NAME);
  }

  /** Where an event belongs that does not say it: to the item of its id, to a new one where it begins one, else to the last. */
  placeOf(id: string | null, isBeginning: boolean): number {
    const known = id === null ? undefined : this.#placesById.get(id);
    return known ?? Math.max(0, isBeginning ? this.#items.size : this.#items.size - 1);
  }

  /** An item begins; nothing when it has begun already. */
  begin(position: number, item: JsonObject): ChatEvent[] {
    if (this.#items.has(position)) return [];
    const type = textOf(item.type) ?? '';
    const isCall = CALLS.has(type);
    const call = isCall
      ? { index: this.#calls, id: textOf(item.call_id) ?? textOf(item.id) ?? this.#newCallId() }
      : null;
    const id = textOf(item.id);
    if (id !== null) this.#placesById.set(id, position);
    this.#items.set(position, { type, id, told: new Set(), call, isEnded: false });
    if (!call) return [];
    this.#calls += 1;
    const start: ChatEvent = { type: 'tool-call-start', choice: 0, index: call.index, id: call.id, name: nameOf(item) };
    return type === 'custom_tool_call' ? [start, toDelta(call.index, '{"input":"')] : [start];
  }

  /** More of a message's part. */
  addText(position: number, part: JsonValue | undefined, text: string, logprobs?: JsonValue): ChatEvent[] {
    this.#message(position, 'message').told.add(keyOf('content', part));
    return toText(text, logprobs);
  }

  addRefusal(position: number, part: JsonValue | undefined, text: string): ChatEvent[] {
    this.#message(position, 'message').told.add(keyOf('content', part));
    return text === '' ? [] : [{ type: 'refusal-delta', choice: 0, text }];
  }

  /** More of what was thought: of its summary, or of its own text. Parts stand apart from one another. */
  addThought(position: number, kind: 'summary' | 'content', part: JsonValue | undefined, text: string): ChatEvent[] {
    const { told } = this.#message(position, 'reasoning');
    const key = keyOf(kind, part);
    const isNext = told.size > 0 && !told.has(key);
    told.add(key);
    if (text === '') return [];
    return [{ type: 'reasoning-delta', choice: 0, text: isNext ? BETWEEN_PARTS + text : text }];
  }

  /** More of a call's arguments; of one that nobody has begun they are told when it ends. */
  addArguments(position: number, text: string): ChatEvent[] {
    const item = this.#items.get(position);
    if (!item?.call || text === '') return [];
    item.told.add('arguments');
    return [toDelta(item.call.index, item.type === 'custom_tool_call' ? escaped(text) : text)];
  }

  /** An item ends: all of it that was not told before. */
  end(position: number, item: JsonObject): ChatEvent[] {
    const events = this.begin(position, item);
    const open = this.#items.get(position);
    if (!open || open.isEnded) return events;
    open.isEnded = true;
    if (open.call) events.push(...endCall(item, open));
    else if (open.type === 'message') events.push(...this.#endMessage(position, item, open));
    else if (open.type === 'reasoning') events.push(...this.#endThought(position, item, open));
    return events;
  }

  /**
   * The whole output, which the end of a response repeats: all of it that was not told before. `mended` are its items as
   * `mend` gives them; null when there is nothing to mend.
   */
  endAll(items: readonly JsonObject[]): { events: ChatEvent[]; mended: JsonObject[] | null } {
    const places = matchItems(items, this.#items);
    const placed = items.map((item, index) => ({ item, place: places[index] ?? index }));
    const events = placed.flatMap(({ item, place }) => this.end(place, item));
    const mended = placed.map(({ item, place }) => this.mend(place, item));
    const isMended = mended.some((item, index) => item !== items[index]);
    return { events: [...events, ...this.#endCalls()], mended: isMended ? mended : null };
  }

  /** The item with the id of its call, where its server left that out; itself when there is nothing to mend. */
  mend(position: number, item: JsonObject): JsonObject {
    const id = this.#items.get(position)?.call?.id;
    return id === undefined || textOf(item.call_id) !== null ? item : { ...item, call_id: id };
  }

  // Those whose server left their ends out: their input is JSON that is still open.
  #endCalls(): ChatEvent[] {
    const open = [...this.#items.values()].filter(({ isEnded }) => !isEnded);
    return open.flatMap(({ type, call }) => (call && type === 'custom_tool_call' ? [toDelta(call.index, '"}')] : []));
  }

  #newCallId(): string {
    return `call_${this.#responseId === '' ? randomUUID() : this.#responseId}_${String(this.#calls)}`;
  }

  #message(position: number, type: string): OpenItem {
    const open = this.#items.get(position);
    if (open) return open;
    const item: OpenItem = { type, id: null, told: new Set(), call: null, isEnded: false };
    this.#items.set(position, item);
    return item;
  }

  #endMessage(position: number, { content }: JsonObject, { told }: OpenItem): ChatEvent[] {
    return partsOf(content).flatMap((part, index) => {
      if (told.has(keyOf('content', index))) return [];
      const refusal = textOf(part.refusal);
      if (refusal !== null) return this.addRefusal(position, index, refusal);
      return this.addText(position, index, textOf(part.text) ?? '', part.logprobs);
    });
  }

  #endThought(position: number, item: JsonObject, { told }: OpenItem): ChatEvent[] {
    // A summary and the thought itself say the same.
    const kind = partsOf(item.summary).length > 0 ? 'summary' : 'content';
    const rest = told.size > 0 ? [] : partsOf(item[kind]);
    const events = rest.flatMap((part, index) => this.addThought(position, kind, index, textOf(part.text) ?? ''));
    const signature = textOf(item.encrypted_content);
    if (signature !== null)
      events.push({ type: 'reasoning-delta', choice: 0, text: '', signature, signedBy: 'openai' });
    return events;
  }
}

function endCall(item: JsonObject, { type, told, call }: OpenItem): ChatEvent[] {
  const { index } = call ?? { index: 0 };
  const isTold = told.has('arguments');
  if (type === 'custom_tool_call') {
    return [toDelta(index, `${isTold ? '' : escaped(textOf(item.input) ?? '')}"}`)];
  }
  const text = isJsonObject(item.arguments) ? JSON.stringify(item.arguments) : textOf(item.arguments);
  return isTold || text === null ? [] : [toDelta(index, text)];
}

function toText(text: string, logprobs: JsonValue | undefined): ChatEvent[] {
  if (Array.isArray(logprobs) && logprobs.length > 0) return [{ type: 'text-delta', choice: 0, text, logprobs }];
  return text === '' ? [] : [{ type: 'text-delta', choice: 0, text }];
}

function toDelta(index: number, argumentsDelta: string): ChatEvent {
  return { type: 'tool-call-delta', choice: 0, index, argumentsDelta };
}

// A text in JSON, without the quotes around it: pieces of it may be put together.
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

// The same name in two namespaces is two functions.
function nameOf({ name, namespace }: JsonObject): string {
  const space = textOf(namespace);
  return space === null ? (textOf(name) ?? '') : `${space}__${textOf(name) ?? ''}`;
}

function partsOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function keyOf(kind: string, part: JsonValue | undefined): string {
  return `${kind}/${typeof part === 'number' ? String(part) : '0'}`;
}
