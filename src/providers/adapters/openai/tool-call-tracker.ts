import { randomUUID } from 'node:crypto';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';

interface OpenCall {
  id: string;
  index: number;
}

/** What one delta of a tool call says; `isRepaired` when the wire said it wrongly and the wire object cannot be relayed. */
export interface ToolCallPiece {
  events: ChatEvent[];
  isRepaired: boolean;
}

/**
 * Follows the tool calls of one choice through their deltas. Mends what compatible servers leave out or repeat: a missing
 * id, a missing index, one index for several calls.
 */
export class ToolCallTracker {
  readonly #choice: number;
  readonly #callsByWireIndex = new Map<number, OpenCall>();
  readonly #usedIndices = new Set<number>();
  #last: OpenCall | null = null;

  constructor(choice: number) {
    this.#choice = choice;
  }

  get hasCalls(): boolean {
    return this.#last !== null;
  }

  /** `isWhole`: the call comes from an unstreamed reply, where no index is expected. */
  read(call: JsonObject, isWhole: boolean): ToolCallPiece {
    const about = isJsonObject(call.function) ? call.function : {};
    const id = textOf(call.id);
    const name = textOf(about.name);
    const wireIndex = typeof call.index === 'number' ? call.index : null;
    const known = this.#find(wireIndex, id, name);
    const open = known ?? this.#open(wireIndex, id);
    const events: ChatEvent[] = [];
    if (!known) {
      events.push({ type: 'tool-call-start', choice: this.#choice, index: open.index, id: open.id, name });
    }
    const { text, isRepaired } = argumentsOf(about.arguments);
    if (text !== '') {
      events.push({ type: 'tool-call-delta', choice: this.#choice, index: open.index, argumentsDelta: text });
    }
    const isMissing = (!known && id === '') || (!isWhole && wireIndex !== open.index);
    return { events, isRepaired: isRepaired || isMissing };
  }

  #find(wireIndex: number | null, id: string, name: string): OpenCall | null {
    if (wireIndex === null) return id === '' && name === '' ? this.#last : null;
    const known = this.#callsByWireIndex.get(wireIndex) ?? null;
    const isAnother = known !== null && id !== '' && name !== '' && id !== known.id;
    return isAnother ? null : known;
  }

  #open(wireIndex: number | null, id: string): OpenCall {
    const isFree = wireIndex !== null && !this.#usedIndices.has(wireIndex);
    const index = isFree ? wireIndex : Math.max(-1, ...this.#usedIndices) + 1;
    const call = { id: id === '' ? `call_${randomUUID().replaceAll('-', '').slice(0, 24)}` : id, index };
    this.#usedIndices.add(index);
    this.#callsByWireIndex.set(wireIndex ?? index, call);
    this.#last = call;
    return call;
  }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function argumentsOf(value: JsonValue | undefined): { text: string; isRepaired: boolean } {
  if (typeof value === 'string') return { text: value, isRepaired: false };
  return isJsonObject(value) ? { text: JSON.stringify(value), isRepaired: true } : { text: '', isRepaired: false };
}
