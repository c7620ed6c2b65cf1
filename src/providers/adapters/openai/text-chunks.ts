import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { ChunkShape } from '../../../core/chat/chunk-shape.js';
import type { WireObject } from '../../../core/chat/wire-object.js';
import { parseExactJson } from '../../../core/exact-json.js';

/** The dialects whose chunks hold choices. */
export type ChunkDialect = 'openai-chat' | 'openai-completions';

const BEFORE_TEXT: Readonly<Record<ChunkDialect, string>> = {
  'openai-chat': '"content":"',
  'openai-completions': '"text":"',
};
// What stands in a JSON string as something else than itself, ends it, or must not stand in it.
const NOT_PLAIN = /["\\\u0000-\u001f]/;
/** As many chunks as there may be choices that take turns. */
const MOST_SHAPES = 4;
/** After so many chunks that were like none before, the stream has no shapes. */
const MOST_MISSES = 16;

interface KnownShape extends ChunkShape {
  readonly choice: number;
}

/**
 * Knows the chunks of a stream again that carry text and differ in nothing else: most chunks of most streams. Parsing them
 * would tell nothing that the first of them has not told.
 */
export class TextChunks {
  readonly #dialect: ChunkDialect;
  #shapes: KnownShape[] = [];
  #misses = 0;

  constructor(dialect: ChunkDialect = 'openai-chat') {
    this.#dialect = dialect;
  }

  /** The event of a chunk that is like one that was learnt; null for any other. */
  read(data: string): Extract<ChatEvent, { type: 'text-delta' }> | null {
    for (const shape of this.#shapes) {
      const { prefix, suffix, choice } = shape;
      const end = data.length - suffix.length;
      if (end <= prefix.length || !data.startsWith(prefix) || !data.endsWith(suffix)) continue;
      const text = data.slice(prefix.length, end);
      if (NOT_PLAIN.test(text)) return null;
      return { type: 'text-delta', choice, text, wire: new ShapedChunk(this.#dialect, data, shape) };
    }
    return null;
  }

  /** Learns from a chunk that was parsed, when all that it says is the text of one event. */
  learn(data: string, events: readonly ChatEvent[]): void {
    const [event] = events;
    if (this.#misses > MOST_MISSES || events.length !== 1 || event?.type !== 'text-delta') return;
    this.#misses += 1;
    if (event.logprobs || event.wire?.text === undefined || NOT_PLAIN.test(event.text)) return;
    const before = BEFORE_TEXT[this.#dialect];
    const start = data.indexOf(before) + before.length;
    // Quotes inside of strings are escaped: what stands there once is the member that the text was read from.
    if (data.includes(before, start) || !data.startsWith(`${event.text}"`, start)) return;
    const shape = { prefix: data.slice(0, start), suffix: data.slice(start + event.text.length), choice: event.choice };
    this.#shapes = [shape, ...this.#shapes].slice(0, MOST_SHAPES);
  }

  /** A choice has ended: what is said of it from here on has another meaning. */
  forget(): void {
    this.#shapes = [];
    this.#misses = 0;
  }
}

/** Parsed only when somebody wants more than its text. */
class ShapedChunk implements WireObject {
  constructor(
    readonly dialect: ChunkDialect,
    readonly text: string,
    readonly shape: ChunkShape,
  ) {}

  get value(): unknown {
    return parseExactJson(this.text);
  }
}
