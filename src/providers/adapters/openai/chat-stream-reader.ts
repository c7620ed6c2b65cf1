import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { TokenUsage } from '../../../core/chat/token-usage.js';
import type { WireObject } from '../../../core/chat/wire-object.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import type { ChatStreamReader } from '../../transport/chat-protocol.js';
import type { SseEvent } from '../../transport/sse-parser.js';
import { StreamJson } from '../../transport/stream-json.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import { ChoiceReader } from './choice-reader.js';
import { mapUsage } from './map-usage.js';
import { readFailureFrame } from './read-failure.js';
import { responseStart } from './response-start.js';

/** The events of a chunk that is held back until it is known whether its usage is the last. */
interface HeldChunk {
  events: ChatEvent[];
  wire: WireObject | undefined;
}

/** Reads the chunks of a streamed chat completion. */
export class OpenAiStreamReader implements ChatStreamReader {
  isDone = false;
  readonly #json: StreamJson;
  readonly #credential: string | null;
  readonly #finishReasonOptional: boolean;
  readonly #choices = new Map<number, ChoiceReader>();
  #hasChunks = false;
  #hasStarted = false;
  #usage: TokenUsage | null = null;
  #held: HeldChunk | null = null;

  constructor(attempt: Pick<AttemptContext, 'skipped' | 'apiKey'>, finishReasonOptional: boolean) {
    this.#json = new StreamJson(attempt);
    this.#credential = attempt.apiKey;
    this.#finishReasonOptional = finishReasonOptional;
  }

  read(event: SseEvent): ChatEvent[] {
    if (event.data === '[DONE]') {
      this.isDone = true;
      return [];
    }
    const chunk = this.#json.parse(event.data);
    if (!chunk) return [];
    if (event.event === 'error' || (chunk.error ?? null) !== null) {
      throw toProviderError(readFailureFrame(chunk), this.#credential);
    }
    this.#hasChunks = true;
    return this.#readChunk(chunk);
  }

  end(): ChatEvent[] {
    if (!this.#hasChunks) throw new ProviderError('malformed', 'The provider answered with an empty stream.');
    const open = [...this.#choices.values()].filter((choice) => !choice.isFinished);
    const isWhole = this.#choices.size > 0 && (open.length === 0 || this.#finishReasonOptional);
    if (!isWhole) {
      throw new ProviderError('interrupted', "The provider's stream ended before the answer was finished.");
    }
    const held = this.#held;
    this.#held = null;
    const events = [...open.map((choice) => choice.finishUnnamed()), ...(held?.events ?? [])];
    if (this.#usage) events.push({ type: 'usage', usage: this.#usage, wire: held?.wire });
    return events;
  }

  #readChunk(chunk: JsonObject): ChatEvent[] {
    const released = this.#held?.events ?? [];
    this.#held = null;
    const choices = Array.isArray(chunk.choices) ? chunk.choices.filter(isJsonObject) : [];
    const { events, isRepaired, isStale } = this.#readChoices(chunk, choices);
    const wire: WireObject | undefined = isRepaired ? undefined : { dialect: 'openai-chat', value: chunk };
    for (const event of events) event.wire = wire;
    // The last usage counts and goes out at the end, with its chunk: a chunk that may be the last waits for the next.
    if (this.#noteUsage(chunk) && (choices.length === 0 || events.some((event) => event.type === 'finish'))) {
      this.#held = { events, wire };
      return released;
    }
    if (events.length === 0 && !isStale) events.push({ type: 'passthrough', wire });
    return released.length === 0 ? events : [...released, ...events];
  }

  #readChoices(chunk: JsonObject, choices: readonly JsonObject[]): ChunkEvents {
    const read: ChunkEvents = { events: [], isRepaired: false, isStale: choices.length > 0 };
    if (choices.length > 0 && !this.#hasStarted) {
      this.#hasStarted = true;
      read.events.push(responseStart(chunk));
    }
    for (const choice of choices) {
      const reader = this.#choice(choice.index);
      if (!reader.isFinished) read.isStale = false;
      const piece = reader.read(choice);
      for (const event of piece.events) read.events.push(event);
      read.isRepaired ||= piece.isRepaired;
    }
    return read;
  }

  #noteUsage(chunk: JsonObject): boolean {
    const usage = mapUsage(chunk.usage);
    if (usage) this.#usage = usage;
    return usage !== null;
  }

  #choice(index: JsonValue | undefined): ChoiceReader {
    const number = typeof index === 'number' ? index : 0;
    let choice = this.#choices.get(number);
    if (!choice) {
      choice = new ChoiceReader(number);
      this.#choices.set(number, choice);
    }
    return choice;
  }
}

/** `isStale`: the chunk speaks only of choices that are finished, and is ignored. */
interface ChunkEvents {
  events: ChatEvent[];
  isRepaired: boolean;
  isStale: boolean;
}
