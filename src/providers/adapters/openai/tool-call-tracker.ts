import { randomUUID } from 'node:crypto';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import { textOf } from './read-content.js';

interface OpenCall {
  id: string;
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
 * id, type or index, one index for several calls, arguments that are no text.
 */
export class ToolCallTracker {
  readonly #choice: number;
  readonly #callsByWireIndex = new Map<number, OpenCall>();
  readonly #usedIndices = new Set<number>();
  readonly #calls: OpenCall[] = [];

  constructor(choice: number) {
    this.#choice = choice;
  }

  get hasCalls(): boolean {
    return this.#calls.length > 0;
  }

  /** `isWhole`: the call comes from an unstreamed reply, where no index is expected. */
  read(call: JsonObject, isWhole: boolean): ToolCallPiece {
    const said = readCall(call);
    const wireIndex = typeof call.index === 'number' ? call.index : null;
    const known = isWhole ? null : this.#find(wireIndex, said.id, said.name);
    const open = known ?? this.#open(wireIndex, said);
    const { index, id } = open;
    const events: ChatEvent[] = [];
    if (!known) events.push({ type: 'tool-call-start', choice: this.#choice, index, id, name: said.name });
    if (said.text !== '') {
      events.push({ type: 'tool-call-delta', choice: this.#choice, index, argumentsDelta: said.text });
    }
    if (open.collected !== null) open.collected += said.text;
    const isMissing = (!known && !said.isComplete) || (!isWhole && wireIndex !== index);
    return { events, isRepaired: said.isConverted || isMissing };
  }

  #find(wireIndex: number | null, id: string, name: string): OpenCall | null {
    const known = wireIndex === null ? this.#findUnnumbered(id) : (this.#callsByWireIndex.get(wireIndex) ?? null);
    if (known === null || name === '') return known;
    if (id !== '') return id === known.id ? known : null;
    // Without an id a repeated name may be the same call going on; it is another one when the arguments were whole.
    const goesOn = name === known.name && !(known.collected !== null && isJson(known.collected));
    return goesOn ? known : null;
  }

  #findUnnumbered(id: string): OpenCall | null {
    return (id === '' ? this.#calls.at(-1) : this.#calls.find((call) => call.id === id)) ?? null;
  }

  #open(wireIndex: number | null, { id, name }: SaidCall): OpenCall {
    const isFree = wireIndex !== null && !this.#usedIndices.has(wireIndex);
    const index = isFree ? wireIndex : Math.max(-1, ...this.#usedIndices) + 1;
    const lacksId = id === '';
    const made = lacksId ? `call_${randomUUID().replaceAll('-', '').slice(0, 24)}` : id;
    const call: OpenCall = { id: made, index, name, collected: lacksId ? '' : null };
    this.#usedIndices.add(index);
    this.#callsByWireIndex.set(wireIndex ?? index, call);
    this.#calls.push(call);
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
