import { randomUUID } from 'node:crypto';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import { textOf } from './read-content.js';

interface OpenCall {
  id: string;
  /** Its id on the wire: empty for none, and not unique. */
  saidId: string;
  index: number;
  name: string;
  /** The arguments so far; kept only for a call that its server gave no id, and null for every other. */
  collected: string | null;
}

/** What one delta of a tool call says; `isRepaired` when the wire said it wrongly and the wire object cannot be relayed. */
export interface ToolCallPiece {
  events: ChatEvent[];
  isRepaired: boolean;
}

/**
 * Follows the tool calls of one choice through their deltas. Mends what compatible servers leave out or repeat: a missing
 * id, type or index, one index or one id for several calls, arguments that are no text.
 */
export class ToolCallTracker {
  readonly #choice: number;
  readonly #callsByWireIndex = new Map<number, OpenCall>();
  readonly #usedIndices = new Set<number>();
  readonly #callsBySaidId = new Map<string, OpenCall>();
  #last: OpenCall | null = null;
  #nextIndex = 0;

  constructor(choice: number) {
    this.#choice = choice;
  }

  get hasCalls(): boolean {
    return this.#last !== null;
  }

  /** `isWhole`: the call comes from an unstreamed reply, where no index is expected. */
  read(call: JsonObject, isWhole: boolean): ToolCallPiece {
    const said = readCall(call);
    const wireIndex = wireIndexOf(call);
    const known = isWhole ? null : this.#find(wireIndex, said.id, said.name);
    const open = known ?? this.#open(wireIndex, said);
    const { index, id } = open;
    const events: ChatEvent[] = [];
    if (!known) events.push({ type: 'tool-call-start', choice: this.#choice, index, id, name: said.name });
    if (said.text !== '') {
      events.push({ type: 'tool-call-delta', choice: this.#choice, index, argumentsDelta: said.text });
    }
    if (open.collected !== null) open.collected += said.text;
    const isIndexSaid = isWhole || wireIndex === index;
    return { events, isRepaired: !isIndexSaid || !isSaidRightly(said, id, known === null) };
  }

  #find(wireIndex: number | null, id: string, name: string): OpenCall | null {
    const known = wireIndex === null ? this.#findUnnumbered(id) : (this.#callsByWireIndex.get(wireIndex) ?? null);
    if (known === null || name === '') return known;
    if (id !== '') return id === known.saidId ? known : null;
    // Without an id a repeated name may be the same call going on; it is another one when the arguments were whole.
    const goesOn = name === known.name && !(known.collected !== null && isJson(known.collected));
    return goesOn ? known : null;
  }

  #findUnnumbered(id: string): OpenCall | null {
    return id === '' ? this.#last : (this.#callsBySaidId.get(id) ?? null);
  }

  #open(wireIndex: number | null, { id, name }: SaidCall): OpenCall {
    const isFree = wireIndex !== null && !this.#usedIndices.has(wireIndex);
    const index = isFree ? wireIndex : this.#nextIndex;
    // The results of two calls under one id could not be told apart, and are refused when they come back.
    const isOwn = id !== '' && !this.#callsBySaidId.has(id);
    const made = isOwn ? id : `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
    const call: OpenCall = { id: made, saidId: id, index, name, collected: id === '' ? '' : null };
    this.#usedIndices.add(index);
    this.#nextIndex = Math.max(this.#nextIndex, index + 1);
    this.#callsByWireIndex.set(wireIndex ?? index, call);
    if (isOwn) this.#callsBySaidId.set(id, call);
    this.#last = call;
    return call;
  }
}

interface SaidCall {
  id: string;
  name: string;
  /** More of the arguments, as JSON text; of a custom tool its plain input. */
  text: string;
  /** Whether it has all that the beginning of a call must have. */
  isComplete: boolean;
  isConverted: boolean;
}

function wireIndexOf({ index }: JsonObject): number | null {
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : null;
}

function readCall(call: JsonObject): SaidCall {
  const id = textOf(call.id) ?? '';
  if (isJsonObject(call.custom)) {
    const { name, input } = call.custom;
    return { id, name: textOf(name) ?? '', text: textOf(input) ?? '', isComplete: id !== '', isConverted: false };
  }
  const { name, arguments: said } = isJsonObject(call.function) ? call.function : {};
  const isComplete = id !== '' && call.type === 'function' && typeof said === 'string';
  return { id, name: textOf(name) ?? '', isComplete, ...argumentsOf(said) };
}

// The beginning of a call has to be complete; what follows may leave the id out.
function isSaidRightly(said: SaidCall, id: string, isBeginning: boolean): boolean {
  if (said.isConverted) return false;
  return isBeginning ? said.isComplete && said.id === id : said.id === '' || said.id === id;
}

function argumentsOf(value: JsonValue | undefined): { text: string; isConverted: boolean } {
  if (typeof value === 'string') return { text: value, isConverted: false };
  return isJsonObject(value) ? { text: JSON.stringify(value), isConverted: true } : { text: '', isConverted: false };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
