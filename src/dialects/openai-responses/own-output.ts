import type { ChatEvent, FinishReason } from '../../core/chat/chat-event.js';
import { newId } from '../../core/ids.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
import { OwnCalls } from './own-calls.js';
import { copyItem, copyPart, type OutputItems, partAt, type Place } from './output-items.js';
import { sealThought } from './sealed-thought.js';
import { toResponseLogprobs } from './to-logprobs.js';
import type { ToolNames } from './tool-names.js';

type Told = (event: JsonObject) => void;
type ReasoningDelta = Extract<ChatEvent, { type: 'reasoning-delta' }>;
type PartType = 'output_text' | 'refusal';

const CUT_SHORT: ReadonlySet<FinishReason> = new Set<FinishReason>(['length', 'content-filter']);

/** Tells an answer of any provider as items: what is begun is told, and what ends it is told with it. */
export class OwnOutput {
  readonly #items: OutputItems;
  readonly #tell: Told;
  readonly #calls: OwnCalls;
  /** The provider's own name of the model, for the signatures of its thoughts. */
  model: string | undefined;

  constructor(items: OutputItems, names: ToolNames, tell: Told) {
    this.#items = items;
    this.#tell = tell;
    this.#calls = new OwnCalls(items, names, tell);
  }

  add(event: ChatEvent): void {
    if ('choice' in event && event.choice !== 0) return;
    switch (event.type) {
      case 'text-delta':
        this.#addText('output_text', event.text, event.logprobs);
        return;
      case 'refusal-delta':
        this.#addText('refusal', event.text);
        return;
      case 'reasoning-delta':
        this.#addThought(event);
        return;
      case 'tool-call-start':
        this.#startCall(event);
        return;
      case 'tool-call-delta':
        this.#calls.addArguments(event);
        return;
      case 'tool-result':
        this.#endCurrent('completed');
        this.#calls.addResult(event);
        return;
      case 'finish':
        this.end(CUT_SHORT.has(event.finishReason) ? 'incomplete' : 'completed');
        return;
      default:
    }
  }

  /** Tells the end of everything that is open; only what was begun last can have been cut short. */
  end(status: 'completed' | 'incomplete'): void {
    const open = this.#items.open();
    for (const place of open) {
      const how = place === open.at(-1) ? status : 'completed';
      if (!this.#calls.end(place, how)) this.#endPlace(place, how);
    }
  }

  /** The message's part that a text is added to right now; null when something has to be begun first. */
  openText(): { place: Place; part: JsonObject } | null {
    const place = this.#items.last;
    if (!place || place.isDone || place.openPart === null || place.item.type !== 'message') return null;
    const part = partAt(place, 'content', place.openPart);
    return part?.type === 'output_text' ? { place, part } : null;
  }

  #addText(type: PartType, text: string, logprobs: readonly unknown[] = []): void {
    if (text === '') return;
    const place = this.#partOf(type);
    const head = { item_id: place.item.id, output_index: place.index, content_index: place.openPart };
    if (type === 'refusal') this.#tell({ type: 'response.refusal.delta', ...head, delta: text });
    else {
      const entries = toResponseLogprobs(logprobs);
      this.#tell({ type: 'response.output_text.delta', ...head, delta: text, logprobs: entries });
    }
  }

  // Begins the message and the part where they are not open.
  #partOf(type: PartType): Place {
    const place =
      this.#current('message') ?? this.#begin({ id: newId('msg_'), type: 'message', role: 'assistant', content: [] });
    if (place.openPart !== null && partAt(place, 'content', place.openPart)?.type === type) return place;
    this.#endPart(place);
    const { content } = place.item;
    this.#tell({
      type: 'response.content_part.added',
      item_id: place.item.id,
      output_index: place.index,
      content_index: Array.isArray(content) ? content.length : 0,
      part: type === 'refusal' ? { type, refusal: '' } : { type, text: '', annotations: [], logprobs: [] },
    });
    return place;
  }

  #addThought(event: ReasoningDelta): void {
    const { text, redacted } = event;
    const seal = sealThought({ ...event, model: this.model });
    if (redacted !== undefined) this.#endCurrent('completed');
    if (text === '' && seal === null) return;
    const place = this.#current('reasoning') ?? this.#begin({ id: newId('rs_'), type: 'reasoning', summary: [] });
    if (text !== '') this.#addSummary(place, text);
    if (seal === null) return;
    place.item.encrypted_content = seal;
    this.#endPlace(place, 'completed');
  }

  #addSummary(place: Place, text: string): void {
    const head = { item_id: place.item.id, output_index: place.index };
    if (place.openPart === null) {
      const { summary } = place.item;
      const at = Array.isArray(summary) ? summary.length : 0;
      const part = { type: 'summary_text', text: '' };
      this.#tell({ type: 'response.reasoning_summary_part.added', ...head, summary_index: at, part });
    }
    this.#tell({ type: 'response.reasoning_summary_text.delta', ...head, summary_index: place.openPart, delta: text });
  }

  #startCall(event: Extract<ChatEvent, { type: 'tool-call-start' }>): void {
    this.#endCurrent('completed');
    const { signature, signedBy } = event;
    const seal = sealThought({ signature, signedBy, model: this.model, isOfCall: true });
    if (seal !== null) {
      // Clients hand back what stands before a call with the call.
      const place = this.#begin({ id: newId('rs_'), type: 'reasoning', summary: [] });
      place.item.encrypted_content = seal;
      this.#endPlace(place, 'completed');
    }
    this.#calls.start(event);
  }

  #begin(item: JsonObject): Place {
    this.#endCurrent('completed');
    const output_index = this.#items.length;
    const status: JsonObject = item.type === 'reasoning' ? {} : { status: 'in_progress' };
    this.#tell({ type: 'response.output_item.added', output_index, item: { ...item, ...status } });
    const place = this.#items.at(output_index);
    if (!place) throw new Error('An item that was begun is not there.');
    return place;
  }

  // The message or thought that is being told; calls are told side by side.
  #current(type: 'message' | 'reasoning'): Place | null {
    const place = this.#items.last;
    return place && !place.isDone && place.item.type === type ? place : null;
  }

  #endCurrent(status: 'completed' | 'incomplete'): void {
    const place = this.#current('message') ?? this.#current('reasoning');
    if (place) this.#endPlace(place, status);
  }

  #endPlace(place: Place, status: 'completed' | 'incomplete'): void {
    this.#endPart(place);
    const item = copyItem(place.item);
    if (item.status !== undefined) item.status = status;
    this.#tell({ type: 'response.output_item.done', output_index: place.index, item });
  }

  #endPart(place: Place): void {
    if (place.openPart === null) return;
    const part = partAt(place, place.openList, place.openPart);
    if (!part) return;
    const head = { item_id: place.item.id, output_index: place.index };
    for (const [type, rest] of endsOfPart(part, place.openPart)) this.#tell({ type, ...head, ...rest });
  }
}

function endsOfPart(part: JsonObject, at: number): [string, JsonObject][] {
  const copy = copyPart(part);
  const inContent = { content_index: at };
  const done: [string, JsonObject] = ['response.content_part.done', { ...inContent, part: copy }];
  switch (part.type) {
    case 'summary_text':
      return [
        ['response.reasoning_summary_text.done', { summary_index: at, text: textOf(part.text) }],
        ['response.reasoning_summary_part.done', { summary_index: at, part: copy }],
      ];
    case 'refusal':
      return [['response.refusal.done', { ...inContent, refusal: textOf(part.refusal) }], done];
    case 'reasoning_text':
      return [['response.reasoning_text.done', { ...inContent, text: textOf(part.text) }], done];
    default: {
      const logprobs: JsonValue = Array.isArray(part.logprobs) ? [...part.logprobs] : [];
      return [['response.output_text.done', { ...inContent, text: textOf(part.text), logprobs }], done];
    }
  }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
