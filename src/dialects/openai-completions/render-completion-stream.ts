import type { ChatEvent } from '../../core/chat/chat-event.js';
import { addUsage, type TokenUsage } from '../../core/chat/token-usage.js';
import type { WireObject } from '../../core/chat/wire-object.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { SseFrame } from '../../core/sse-frame.js';
import { MapIterator } from '../map-iterator.js';
import { renderOpenAiUsage } from '../openai-chat/render-usage.js';
import { type CompletionHead, toCompletionHead } from './completion-head.js';
import { toLegacyFinishReason } from './legacy-finish-reason.js';
import type { CompletionRequest } from './parse-completion-request.js';
import type { PromptEvent } from './prompt-event.js';
import { shiftChoices } from './render-completion-result.js';
import { toLegacyLogprobs } from './to-legacy-logprobs.js';

const DONE: SseFrame = { data: '[DONE]' };

type Asked = Pick<CompletionRequest, 'choices' | 'echoes' | 'includesUsage'>;

/** The frames of a streamed completion of every prompt. `[DONE]` comes only when the events ended well. */
export function renderCompletionStream(events: AsyncIterable<PromptEvent>, asked: Asked): AsyncIterable<SseFrame> {
  const renderer = new CompletionRenderer(asked);
  return new MapIterator<PromptEvent, SseFrame>(
    events,
    (event, ready) => {
      const chunk = renderer.render(event);
      if (chunk) ready.push({ data: JSON.stringify(chunk) });
    },
    (ready) => {
      const usage = renderer.usageChunk();
      if (usage) ready.push({ data: JSON.stringify(usage) });
      ready.push(DONE);
    },
  );
}

/** Makes chunks of events: an upstream's own where it spoke this dialect, ours otherwise, under one id and date. */
class CompletionRenderer {
  readonly #asked: Asked;
  /** How many characters of a choice have been told; a choice that is not in it has not begun. */
  readonly #told = new Map<number, number>();
  #head: CompletionHead | null = null;
  #lastWire: WireObject | null = null;
  /** The last that was told of each prompt: some providers count on as they write. */
  readonly #usages = new Map<number, TokenUsage>();
  /** The upstream's own of the last prompt, which is all where there is only one. */
  #relayedUsage: JsonObject | null = null;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /** The chunk; null when the event makes none. */
  render({ prompt, event }: PromptEvent): JsonObject | null {
    if (event.type === 'usage') this.#noteUsage(prompt, event);
    if (event.wire && event.wire === this.#lastWire) return null;
    const chunk = wireChunkOf(event.wire);
    if (chunk && event.wire) {
      this.#lastWire = event.wire;
      return this.#relay(chunk, event, prompt * this.#asked.choices);
    }
    return this.#renderOwn(event, prompt);
  }

  /** The chunk with the usage and no choices, when it was asked for and is known. */
  usageChunk(): JsonObject | null {
    const usages = [...this.#usages.values()];
    if (!this.#asked.includesUsage || usages.length === 0) return null;
    const relayed = usages.length === 1 ? this.#relayedUsage : null;
    return this.#chunk([], relayed ?? renderOpenAiUsage(usages.reduce(addUsage)));
  }

  #noteUsage(prompt: number, { usage, wire }: ChatEvent & { type: 'usage' }): void {
    const relayed = wireChunkOf(wire)?.value.usage;
    this.#relayedUsage = isJsonObject(relayed) ? relayed : null;
    this.#usages.set(prompt, usage);
  }

  #relay({ value, choices }: WireChunk, event: ChatEvent, offset: number): JsonObject | null {
    if (event.type === 'response-start') this.#head ??= toRelayedHead(value, event);
    if (choices.length === 0) return null;
    const { usage: _, ...rest } = value;
    const shifted = shiftChoices(choices.map(completeChoice), offset);
    for (const { index, text } of shifted) {
      if (typeof text === 'string' && text !== '') this.#noteTold(Number(index), text.length);
    }
    return { ...rest, ...this.#chunk(shifted, null) };
  }

  #renderOwn(event: ChatEvent, prompt: number): JsonObject | null {
    const offset = prompt * this.#asked.choices;
    switch (event.type) {
      case 'response-start':
        this.#head ??= toCompletionHead(event);
        return null;
      case 'text-delta':
        return this.#text(offset + event.choice, event.text, event.logprobs);
      case 'refusal-delta':
        return this.#text(offset + event.choice, event.text);
      case 'finish': {
        const index = offset + event.choice;
        return this.#choice({ index, text: this.#echoOnce(index) }, toLegacyFinishReason(event.finishReason));
      }
      default:
        return null;
    }
  }

  #text(index: number, text: string, entries?: Extract<ChatEvent, { type: 'text-delta' }>['logprobs']): JsonObject {
    const echo = this.#echoOnce(index);
    const told = this.#noteTold(index, text.length);
    return this.#choice({ index, text: echo + text, logprobs: toLegacyLogprobs(entries, told) }, null);
  }

  // How many characters of the choice were told before these.
  #noteTold(index: number, characters: number): number {
    const told = this.#told.get(index) ?? 0;
    this.#told.set(index, told + characters);
    return told;
  }

  #echoOnce(index: number): string {
    if (this.#told.has(index)) return '';
    const echo = this.#asked.echoes[Math.floor(index / this.#asked.choices)] ?? '';
    this.#told.set(index, echo.length);
    return echo;
  }

  #choice({ index, text, logprobs = null }: OwnChoice, reason: string | null): JsonObject {
    return this.#chunk([{ text, index, logprobs, finish_reason: reason }], null);
  }

  #chunk(choices: JsonObject[], usage: JsonObject | null): JsonObject {
    const { id, created, model } = (this.#head ??= toCompletionHead({ id: '', model: '' }));
    const chunk: JsonObject = { id, object: 'text_completion', created, model, choices };
    if (this.#asked.includesUsage) chunk.usage = usage;
    return chunk;
  }
}

interface OwnChoice {
  readonly index: number;
  readonly text: string;
  readonly logprobs?: JsonObject | null;
}

interface WireChunk {
  readonly value: JsonObject;
  readonly choices: readonly JsonObject[];
}

function wireChunkOf(wire: WireObject | undefined): WireChunk | null {
  if (wire?.dialect !== 'openai-completions') return null;
  const { value } = wire;
  if (!isJsonObject(value)) return null;
  return { value, choices: Array.isArray(value.choices) ? value.choices.filter(isJsonObject) : [] };
}

function toRelayedHead({ id }: JsonObject, event: { id: string; model: string; createdAt?: number }): CompletionHead {
  const head = toCompletionHead(event);
  return typeof id === 'string' && id !== '' ? { ...head, id } : head;
}

function completeChoice(choice: JsonObject): JsonObject {
  return {
    ...choice,
    text: choice.text ?? '',
    logprobs: choice.logprobs ?? null,
    finish_reason: choice.finish_reason ?? null,
  };
}
