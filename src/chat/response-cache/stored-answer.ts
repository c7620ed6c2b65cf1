import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { DialectName, WireObject } from '../../core/chat/wire-object.js';
import { parseExactJson } from '../../core/exact-json.js';

/** A whole answer with all that is needed to give it again as it was given: streamed or not, in any dialect. */
export interface StoredAnswer {
  /** In their order, with the wire objects that they were read from. */
  readonly events: readonly ChatEvent[];
  /** Whether it was asked for as a stream, which is what the wire objects are then pieces of. */
  readonly isStreamed: boolean;
  readonly answeredBy: { readonly provider: string; readonly model: string };
  /** What it cost in USD as a decimal string; null when that is not known. */
  readonly costUsd: string | null;
  /** What could not be carried across dialects when it was asked for. */
  readonly warnings: readonly string[];
  /** Wall-clock milliseconds when it was whole. */
  readonly storedAt: number;
}

/** A wire object as it is stored: its dialect and its JSON. */
type StoredWire = readonly [DialectName, string];

interface StoredForm extends Omit<StoredAnswer, 'events'> {
  readonly version: number;
  readonly wires: readonly StoredWire[];
  /** Each with the number of its wire object. */
  readonly events: readonly (Omit<ChatEvent, 'wire'> & { readonly wire?: number })[];
}

// To be raised whenever events or this form change: what has another number is not read.
const VERSION = 1;

/** The answer as bytes; neither compressed nor encrypted. */
export function serialiseAnswer(answer: StoredAnswer): Buffer {
  const wires: StoredWire[] = [];
  let last: WireObject | undefined;
  const events = answer.events.map((event) => {
    const { wire, ...rest } = event;
    if (!wire) return rest;
    if (wire !== last) wires.push([wire.dialect, wire.text ?? JSON.stringify(wire.value)]);
    last = wire;
    return { ...rest, wire: wires.length - 1 };
  });
  const form: StoredForm = { ...answer, version: VERSION, wires, events };
  return Buffer.from(JSON.stringify(form));
}

/** The answer again; null when the bytes are none, or of another version. */
export function parseAnswer(bytes: Buffer): StoredAnswer | null {
  const form = parseForm(bytes);
  if (form?.version !== VERSION) return null;
  const wires = form.wires.map(([dialect, text]) => new ReadWire(dialect, text));
  const events = form.events.map(({ wire, ...event }) => ({
    ...event,
    ...(wire !== undefined && { wire: wires[wire] }),
  })) as ChatEvent[];
  const { isStreamed, answeredBy, costUsd, warnings, storedAt } = form;
  return { events, isStreamed, answeredBy, costUsd, warnings, storedAt };
}

/**
 * The answer's events for a request in the wire mode `stream`. In the mode that it was stored in they are what they were;
 * in the other one its wire objects mean nothing, and renderers make their own.
 */
export function eventsOf({ events, isStreamed }: StoredAnswer, stream: boolean): readonly ChatEvent[] {
  return isStreamed === stream ? events : events.filter(isMeaningful).map(withoutWire);
}

/** Whether an event says something without the wire object that it was read from. */
export function isMeaningful({ type }: ChatEvent): boolean {
  return type !== 'passthrough';
}

/** The event without what it was read from. */
export function withoutWire(event: ChatEvent): ChatEvent {
  if (!event.wire) return event;
  const { wire: _wire, ...rest } = event;
  return rest;
}

/** Parsed only when somebody looks: other dialects never do. */
class ReadWire implements WireObject {
  #value: unknown;

  constructor(
    readonly dialect: DialectName,
    readonly text: string,
  ) {}

  get value(): unknown {
    this.#value ??= parseExactJson(this.text);
    return this.#value;
  }
}

function parseForm(bytes: Buffer): StoredForm | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as StoredForm | null;
  } catch {
    return null;
  }
}
