import type { WireObject } from '../../core/chat/wire-object.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { SseFrame } from '../../core/sse-frame.js';
import type { BlockWriter } from './block-writer.js';

/** An event of a stream as an upstream of this dialect sent it. */
export type WireEvent = JsonObject & { type: string };

/** The event on the wire; null when there is none, or it is the message of an unstreamed call. */
export function toWireEvent(wire: WireObject | undefined): WireEvent | null {
  if (wire?.dialect !== 'anthropic-messages' || !isJsonObject(wire.value)) return null;
  const { type } = wire.value;
  return typeof type === 'string' && type !== 'message' ? (wire.value as WireEvent) : null;
}

/** Relays an upstream's events as they came, but for the numbers of blocks where others stand before them. */
export class EventRelay {
  readonly #writer: BlockWriter;
  /** Our numbers of the upstream's blocks that are open. */
  readonly #numbers = new Map<unknown, number>();
  #messageDelta: { value: WireEvent; frame: SseFrame } | null = null;

  constructor(writer: BlockWriter) {
    this.#writer = writer;
  }

  /** The last `message_delta`, which is held back until the message is known to be whole. */
  get messageDelta(): { value: WireEvent; frame: SseFrame } | null {
    return this.#messageDelta;
  }

  /** `text` is the event's JSON where that is known. False for an event of a block that was not begun by relaying. */
  relay(value: WireEvent, text: string | undefined, ready: SseFrame[]): boolean {
    switch (value.type) {
      case 'content_block_start': {
        const block = isJsonObject(value.content_block) ? value.content_block : {};
        const index = this.#writer.openRelayed(block, ready);
        this.#numbers.set(value.index, index);
        ready.push(toFrame(value, text, index));
        return true;
      }
      case 'content_block_delta':
      case 'content_block_stop':
        return this.#relayRest(value, text, ready);
      case 'message_delta':
        this.#messageDelta = { value, frame: toFrame(value, text) };
        return true;
      case 'message_stop':
        return true;
      default:
        ready.push(toFrame(value, text));
        return true;
    }
  }

  // What belongs to a block that others had to close means nothing any more.
  #relayRest(value: WireEvent, text: string | undefined, ready: SseFrame[]): boolean {
    const index = this.#numbers.get(value.index);
    if (index === undefined) return false;
    if (index !== this.#writer.openIndex) return true;
    ready.push(toFrame(value, text, index));
    if (value.type !== 'content_block_stop') return true;
    this.#numbers.delete(value.index);
    this.#writer.closeRelayed();
    return true;
  }
}

function toFrame(value: WireEvent, text: string | undefined, index = value.index): SseFrame {
  const isSame = index === value.index;
  return {
    event: value.type,
    data: isSame ? (text ?? JSON.stringify(value)) : JSON.stringify({ ...value, index }),
  };
}
