import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { WireObject } from '../../core/chat/wire-object.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import type { SseFrame } from '../../core/sse-frame.js';
import { MapIterator } from '../map-iterator.js';
import { type AnswerHead, toAnswerHead, toRelayedHead } from './answer-head.js';
import { wantsUsageChunk } from './parse-chat-request.js';
import { relayChunk, relayText, toWireChunk, type WireChunk, relayedShape, type RelayedShape } from './relay-chunk.js';
import { renderDelta } from './render-delta.js';
import { renderOpenAiUsage } from './render-usage.js';

const DONE: SseFrame = { data: '[DONE]' };
const NONE: readonly JsonObject[] = [];

/** The frames of a streamed completion. `[DONE]` comes only when the events ended well. */
export function renderChatStream(events: AsyncIterable<ChatEvent>, request: ChatRequest): AsyncIterable<SseFrame> {
  const renderer = new ChunkRenderer(wantsUsageChunk(request));
  return new MapIterator<ChatEvent, SseFrame>(
    events,
    (event, ready) => {
      const chunk = renderer.render(event);
      if (chunk === null) return;
      for (const early of renderer.takeEarlyChunks()) ready.push({ data: JSON.stringify(early) });
      ready.push({ data: typeof chunk === 'string' ? chunk : JSON.stringify(chunk) });
    },
    (ready) => {
      const usage = renderer.usageChunk();
      if (usage) ready.push({ data: JSON.stringify(usage) });
      ready.push(DONE);
    },
  );
}

/** Makes chunks of events: an upstream's own where it spoke this dialect, ours otherwise, under one id and date. */
class ChunkRenderer {
  readonly #includeUsage: boolean;
  readonly #openChoices = new Set<number>();
  #head: AnswerHead | null = null;
  #lastWire: WireObject | null = null;
  /** Chunks that came before the answer had an id: what some servers say of the prompt. */
  #early: WireChunk[] = [];
  /** What the usage chunk will be: the upstream's own when it sent one. */
  #usage: { usage: JsonObject; chunk?: JsonObject } | null = null;
  /** How the chunks of a shape go out. */
  #relayed: RelayedShape | null = null;

  constructor(includeUsage: boolean) {
    this.#includeUsage = includeUsage;
  }

  /** The chunk, or its JSON where that came as it goes; null when the event makes none. */
  render(event: ChatEvent): JsonObject | string | null {
    if (event.wire && event.wire === this.#lastWire) return null;
    const shape = event.wire?.shape;
    if (shape && shape === this.#relayed?.of && event.type === 'text-delta') {
      return this.#relayed.prefix + event.text + this.#relayed.suffix;
    }
    const chunk = toWireChunk(event.wire);
    if (chunk && event.wire) {
      this.#lastWire = event.wire;
      return this.#relay(chunk, event);
    }
    return this.#renderOwn(event);
  }

  /** What was held back until the answer had an id; to be sent before the first chunk. */
  takeEarlyChunks(): readonly JsonObject[] {
    if (this.#early.length === 0) return NONE;
    const chunks = this.#early.map((chunk) => relayChunk(chunk, this.#ownHead(), this.#includeUsage));
    this.#early = [];
    return chunks;
  }

  /** The chunk with the usage and no choices, when it was asked for and is known. */
  usageChunk(): JsonObject | null {
    if (!this.#includeUsage || !this.#usage) return null;
    return this.#usage.chunk ?? this.#chunk([], this.#usage.usage);
  }

  #relay(chunk: WireChunk, event: ChatEvent): JsonObject | string | null {
    if (event.type === 'response-start') this.#head ??= toRelayedHead(chunk.value, event);
    if (!this.#head && event.type === 'passthrough') {
      this.#early.push(chunk);
      return null;
    }
    const text = relayText(chunk, this.#ownHead().id, this.#includeUsage);
    if (text !== null) {
      for (const choice of chunk.choices) this.#noteChoice(choice);
      this.#learnShape(event, text);
      return text;
    }
    const { usage } = chunk.value;
    const relayed = relayChunk(chunk, this.#ownHead(), this.#includeUsage);
    if (isJsonObject(usage)) {
      const isUsageOnly = chunk.choices.length === 0;
      this.#usage = isUsageOnly ? { usage, chunk: { ...relayed, usage } } : { usage };
      if (isUsageOnly) return null;
    }
    for (const choice of chunk.choices) this.#noteChoice(choice);
    return relayed;
  }

  #learnShape(event: ChatEvent, relayed: string): void {
    const shape = event.wire?.shape;
    if (shape && event.type === 'text-delta') this.#relayed = relayedShape(shape, event.text, relayed);
  }

  #renderOwn(event: ChatEvent): JsonObject | null {
    if (event.type === 'response-start') this.#head ??= toAnswerHead(event);
    if (event.type === 'usage') this.#usage = { usage: renderOpenAiUsage(event.usage) };
    if (!('choice' in event)) return null;
    const isFirst = !this.#openChoices.has(event.choice);
    const choice = renderDelta(event, isFirst);
    if (!choice) return null;
    this.#openChoices.add(event.choice);
    return this.#chunk([choice], null);
  }

  #chunk(choices: JsonObject[], usage: JsonObject | null): JsonObject {
    const { id, created, model } = this.#ownHead();
    const chunk: JsonObject = { id, object: 'chat.completion.chunk', created, model, choices };
    if (this.#includeUsage) chunk.usage = usage;
    return chunk;
  }

  #noteChoice(choice: JsonValue): void {
    const index = (choice as JsonObject | null)?.index;
    this.#openChoices.add(typeof index === 'number' ? index : 0);
  }

  #ownHead(): AnswerHead {
    return (this.#head ??= toAnswerHead({ id: '', model: '' }));
  }
}
