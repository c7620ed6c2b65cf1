import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { WireObject } from '../../core/chat/wire-object.js';
import type { AppError } from '../../core/errors/app-error.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { eventsOfItem } from './events-of-item.js';
import { OutputItems } from './output-items.js';
import { OwnOutput } from './own-output.js';
import { EventRelay } from './relay-event.js';
import { ResponseState } from './response-state.js';
import type { ResponseHead, ResponsesRequest } from './responses-request.js';
import { hasTypeFirst } from './to-responses-frame.js';

type WireEvent = JsonObject | string;

const NONE: readonly WireEvent[] = [];
const BEGINNINGS: ReadonlySet<unknown> = new Set(['response.created', 'response.queued', 'response.in_progress']);
const ENDS: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete']);
// Failures are thrown by who reads them.
const UNTOLD: ReadonlySet<unknown> = new Set(['response.failed', 'error', 'keepalive', 'ping']);

/**
 * Turns the events of one answer into the events of a streamed response, numbered without gaps, and keeps the response as
 * it stands, which is valid at any time: `queued` (in the background) or `in_progress` until it is finished, failed or
 * cancelled.
 */
export class ResponseWriter {
  readonly #items = new OutputItems();
  readonly #state: ResponseState;
  readonly #own: OwnOutput;
  readonly #relay: EventRelay;
  readonly #isBackground: boolean;
  #told: WireEvent[] = [];
  #sequence = 0;
  #lastWire: WireObject | null = null;
  /** What the deltas of the text have in common that was told last. */
  #textHead: { part: JsonObject; json: string } | null = null;

  constructor(request: ResponsesRequest, head: ResponseHead) {
    this.#state = new ResponseState(request, head);
    this.#own = new OwnOutput(this.#items, request.tools, (event) => {
      this.#tell(event);
    });
    this.#relay = new EventRelay(this.#items);
    this.#isBackground = request.isBackground;
  }

  /** What comes before an answer: `response.created` and `response.in_progress`, between them `response.queued` in the background. */
  start(): JsonObject[] {
    const events = [this.#lifecycle('response.created')];
    if (this.#isBackground) events.push(this.#lifecycle('response.queued'));
    this.#state.status = 'in_progress';
    events.push(this.#lifecycle('response.in_progress'));
    return events;
  }

  /** What the event means to the client, in order: objects, or the JSON of objects that begins with their type. */
  add(event: ChatEvent): readonly WireEvent[] {
    this.#state.status = 'in_progress';
    this.#state.note(event);
    const text = event.wire?.dialect === 'openai-responses' ? null : this.#quickText(event);
    if (text !== null) return [text];
    if (event.wire?.dialect !== 'openai-responses') this.#addOwn(event);
    else if (event.wire !== this.#lastWire) this.#addRelayed(event, event.wire);
    else if (event.type === 'usage') this.#adoptUsage(event);
    if (this.#told.length === 0) return NONE;
    const told = this.#told;
    this.#told = [];
    return told;
  }

  /** Ends what is open, and the response with `response.completed` or `response.incomplete`. */
  finish(): JsonObject[] {
    this.#state.complete();
    this.#own.end(this.#state.status === 'incomplete' ? 'incomplete' : 'completed');
    const events = this.#told as JsonObject[];
    this.#told = [];
    return [...events, this.#lifecycle(`response.${this.#state.status}`)];
  }

  /** Ends the response with `response.failed`; what is open never ends. */
  fail(error: AppError): JsonObject[] {
    this.#state.fail(error);
    return [this.#lifecycle('response.failed')];
  }

  /** The response is not wanted any more; there is no event for that. */
  cancel(): void {
    this.#state.status = 'cancelled';
  }

  /** The whole response as it stands. */
  get response(): JsonObject {
    return this.#state.toJson(this.#output());
  }

  /** Its items as they stand, in order. */
  get output(): readonly JsonObject[] {
    return this.#output();
  }

  #output(): JsonObject[] {
    return this.#items.toJson(this.#state.status !== 'in_progress');
  }

  #addOwn(event: ChatEvent): void {
    if (event.type === 'response-start') this.#own.model = event.model;
    this.#own.add(event);
  }

  #addRelayed(event: ChatEvent, wire: WireObject): void {
    const { value, text } = wire;
    if (event.type === 'response-start') this.#own.model = event.model;
    if (!isJsonObject(value) || UNTOLD.has(value.type)) {
      this.#lastWire = wire;
      return;
    }
    if (this.#adoptResponse(value, event)) {
      // What was never told before may come with the end.
      if (!ENDS.has(value.type)) this.#lastWire = wire;
      return;
    }
    const relayed = this.#relay.relay(value);
    if (!relayed) {
      // It adds to something that was never begun: then what it means is told in our own words.
      this.#own.add(event);
      return;
    }
    this.#lastWire = wire;
    this.#tell(relayed, relayed === value ? text : undefined);
  }

  // True for a whole response, and for the events that tell of the response and not of its items.
  #adoptResponse(value: JsonObject, event: ChatEvent): boolean {
    const isEnd = ENDS.has(value.type);
    if (value.object === 'response') {
      this.#state.adopt(value);
      for (const item of Array.isArray(value.output) ? value.output : []) {
        if (isJsonObject(item)) for (const each of eventsOfItem(item, this.#items.length)) this.#tell(each);
      }
    } else if (BEGINNINGS.has(value.type) || isEnd) {
      if (value.type === 'response.created') this.#relay.restart();
      if (isJsonObject(value.response)) this.#state.adopt(value.response);
      if (isEnd) this.#own.add(event);
    } else return false;
    if (event.type === 'usage') this.#adoptUsage(event);
    return true;
  }

  // A usage that was counted here is not in what the provider sent.
  #adoptUsage({ usage, wire }: Extract<ChatEvent, { type: 'usage' }>): void {
    if (usage.estimated === true || !isJsonObject(wire?.value)) return;
    const { value } = wire;
    this.#state.adoptUsage(isJsonObject(value.response) ? value.response.usage : value.usage);
  }

  // Nearly all events of a long answer are these: their JSON is put together from what is known of the last one.
  #quickText(event: ChatEvent): string | null {
    if (event.type !== 'text-delta' || event.text === '' || event.logprobs || event.choice !== 0) return null;
    const open = this.#own.openText();
    if (!open) return null;
    const { place, part } = open;
    if (this.#textHead?.part !== part) {
      const head = { item_id: place.item.id, output_index: place.index, content_index: place.openPart };
      const json = JSON.stringify({ type: 'response.output_text.delta', ...head, logprobs: [] });
      this.#textHead = { part, json: json.slice(0, -1) };
    }
    part.text = (part.text as string) + event.text;
    return `${this.#textHead.json},"delta":${JSON.stringify(event.text)},"sequence_number":${String(this.#sequence++)}}`;
  }

  // `text` is the event's own JSON, which can go out when nothing in it changes.
  #tell(event: JsonObject, text?: string): void {
    this.#items.apply(event);
    const sequence_number = this.#sequence++;
    if (event.sequence_number !== sequence_number) this.#told.push({ ...event, sequence_number });
    else this.#told.push(text !== undefined && hasTypeFirst(text) ? text : event);
  }

  #lifecycle(type: string): JsonObject {
    return { type, response: this.response, sequence_number: this.#sequence++ };
  }
}
