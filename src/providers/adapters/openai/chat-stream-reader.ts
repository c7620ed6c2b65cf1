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
import { mendUsage } from './mend-usage.js';
import { isFailure, readChoiceFailure, readFailureFrame } from './read-failure.js';
import { responseStart } from './response-start.js';
import { type ChunkDialect, TextChunks } from './text-chunks.js';

type StreamAttempt = Pick<AttemptContext, 'skipped' | 'implausibleUsage' | 'apiKey'>;

/** The events of a chunk that is held back until it is known whether its usage is the last. */
interface HeldChunk {
  events: ChatEvent[];
  wire: WireObject | undefined;
}

/** Reads the chunks of a streamed chat completion, or of a legacy one. */
export class OpenAiStreamReader implements ChatStreamReader {
  isDone = false;
  readonly #json: StreamJson;
  readonly #attempt: StreamAttempt;
  readonly #finishReasonOptional: boolean;
  readonly #choices = new Map<number, ChoiceReader>();
  readonly #dialect: ChunkDialect;
  readonly #textChunks: TextChunks;
  #hasChunks = false;
  #hasStarted = false;
  #usage: TokenUsage | null = null;
  #hasAbsurdUsage = false;
  #held: HeldChunk | null = null;

  constructor(attempt: StreamAttempt, finishReasonOptional: boolean, dialect: ChunkDialect = 'openai-chat') {
    this.#dialect = dialect;
    this.#textChunks = new TextChunks(dialect);
    this.#json = new StreamJson(attempt);
    this.#attempt = attempt;
    this.#finishReasonOptional = finishReasonOptional;
  }

  read(event: SseEvent): ChatEvent[] {
    if (event.data === '[DONE]') {
      this.isDone = true;
      return [];
    }
    if (event.event === '' && !this.#held) {
      const text = this.#textChunks.read(event.data);
      if (text) return [text];
    }
    const chunk = this.#json.parse(event.data);
    if (!chunk) return [];
    if (event.event === 'error' || isFailure(chunk))
      throw toProviderError(readFailureFrame(chunk), this.#attempt.apiKey);
    this.#hasChunks = true;
    const events = this.#readChunk(chunk, event.data);
    if (events.some(isFinish)) this.#textChunks.forget();
    else if (event.event === '') this.#textChunks.learn(event.data, events);
    return events;
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
    else if (this.#hasAbsurdUsage) this.#attempt.implausibleUsage();
    return events;
  }

  #readChunk(chunk: JsonObject, text: string): ChatEvent[] {
    const released = this.#held?.events ?? [];
    this.#held = null;
    const choices = Array.isArray(chunk.choices) ? chunk.choices.filter(isJsonObject) : [];
    const read = this.#readChoices(chunk, choices);
    const { events, isStale } = read;
    const said = usageOf(chunk);
    const usage = this.#noteUsage(said);
    const wire = toWire({ value: chunk, text, dialect: this.#dialect }, read, usage);
    for (const event of events) event.wire = wire;
    // The last usage counts and goes out at the end, with its chunk: a chunk that may be the last waits for the next.
    if (isJsonObject(usage) && mayBeLast(read, choices)) {
      this.#held = { events, wire };
      return released;
    }
    // What held nothing but an absurd usage has nothing left to say.
    const hasRest = choices.length > 0 ? !isStale : usage === said;
    if (events.length === 0 && hasRest) events.push({ type: 'passthrough', wire });
    return released.length === 0 ? events : [...released, ...events];
  }

  #readChoices(chunk: JsonObject, choices: readonly JsonObject[]): ChunkEvents {
    const read: ChunkEvents = { events: [], isRepaired: false, isStale: choices.length > 0, mended: null };
    if (choices.length > 0 && !this.#hasStarted) {
      this.#hasStarted = true;
      read.events.push(responseStart(chunk));
    }
    for (const [position, choice] of choices.entries()) {
      const failure = readChoiceFailure(choice);
      if (failure) throw toProviderError(failure, this.#attempt.apiKey);
      const reader = this.#choice(choice.index);
      if (!reader.isFinished) read.isStale = false;
      const piece = reader.read(choice);
      for (const event of piece.events) read.events.push(event);
      read.isRepaired ||= piece.isRepaired;
      const mended = reader.mend(choice);
      if (mended !== choice) (read.mended ??= [...choices])[position] = mended;
    }
    return read;
  }

  /** The usage as it can be relayed, which is null for one that cannot be meant; without any, what stands in its place. */
  #noteUsage(said: JsonValue | undefined): JsonValue | undefined {
    if (!isJsonObject(said)) return said;
    const usage = mapUsage(said);
    if (usage) this.#usage = usage;
    else this.#hasAbsurdUsage = true;
    return usage && mendUsage(said);
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
  /** The choices as they can be relayed; null when that is as they came. */
  mended: JsonObject[] | null;
}

function mayBeLast({ events, isStale }: ChunkEvents, choices: readonly JsonObject[]): boolean {
  return choices.length === 0 || isStale || events.some(isFinish);
}

function isFinish(event: ChatEvent): boolean {
  return event.type === 'finish';
}

// Groq puts the usage in a place of its own unless it is asked for in the newer way.
function usageOf(chunk: JsonObject): JsonValue | undefined {
  return chunk.usage ?? (isJsonObject(chunk.x_groq) ? chunk.x_groq.usage : undefined);
}

// What a chunk with the usage says of finished choices is left out (OpenRouter sends one empty delta more).
function toWire(
  { value: chunk, text, dialect }: { value: JsonObject; text: string; dialect: ChunkDialect },
  { isRepaired, isStale, mended }: ChunkEvents,
  usage: JsonValue | undefined,
): WireObject | undefined {
  if (isRepaired) return undefined;
  const choices = isStale ? [] : mended;
  const isUsageSame = usage === chunk.usage || (usage === undefined && chunk.usage === null);
  if (choices === null && isUsageSame) {
    // A text over several lines is no line of data.
    return text.includes('\n') ? { dialect, value: chunk } : { dialect, value: chunk, text };
  }
  return { dialect, value: { ...chunk, ...(choices && { choices }), ...(!isUsageSame && { usage }) } };
}
