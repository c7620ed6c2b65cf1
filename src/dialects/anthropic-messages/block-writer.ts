import { carrySignature } from '../../core/chat/carried-signature.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { AppError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import type { SseFrame } from '../../core/sse-frame.js';
import { ArgumentsProgress } from './arguments-progress.js';

type Thought = ChatEvent & { type: 'reasoning-delta' };

/** A block that is open at the client, or waits until another one is closed. */
interface Block {
  readonly kind: 'text' | 'thinking' | 'tool' | 'other';
  /** Which of the answer's tool calls it is; null for other blocks. */
  readonly call: number | null;
  readonly start: JsonObject;
  /** Of a waiting block: all of its text. */
  text: string;
  /** Of a tool call that is open: how far its arguments are. */
  readonly progress: ArgumentsProgress | null;
  /** Of thinking that is over. */
  signature: string | null;
}

const DELTAS = {
  text: '"text_delta","text":',
  thinking: '"thinking_delta","thinking":',
  tool: '"input_json_delta","partial_json":',
} as const;

/** Characters that may wait: as many as an answer may have that is not streamed. */
const MOST_WAITING = 32 * 1024 ** 2;
/** What a block counts for besides its text. */
const BLOCK_CHARACTERS = 4_096;

/**
 * Writes the content of a message: blocks with consecutive numbers, one open at a time. What belongs to another block than
 * the open one waits where that may still grow: text and thinking are over when something else comes, a tool call once its
 * arguments are whole. Throws `response_too_large` when too much waits.
 */
export class BlockWriter {
  #next = 0;
  #open: Block | null = null;
  readonly #waiting: Block[] = [];
  #waitingCharacters = 0;

  /** The number of the open block; null when there is none. */
  get openIndex(): number | null {
    return this.#open ? this.#next : null;
  }

  text(text: string, ready: SseFrame[]): void {
    this.#grow('text', text, ready);
  }

  /** Thinking ends with its signature; what is redacted is a block by itself. */
  thought({ text, signature, redacted, signedBy }: Thought, ready: SseFrame[]): void {
    if (redacted !== undefined) {
      const start = { type: 'redacted_thinking', data: carrySignature(redacted, signedBy) };
      this.#add(newBlock('other', start), ready);
      return;
    }
    if (text !== '') this.#grow('thinking', text, ready);
    if (signature !== undefined) this.#sign(carrySignature(signature, signedBy), ready);
  }

  openCall({ index, id, name }: ChatEvent & { type: 'tool-call-start' }, ready: SseFrame[]): void {
    const start = { type: 'tool_use', id, name, input: {} };
    this.#add({ ...newBlock('tool', start), call: index, progress: new ArgumentsProgress() }, ready);
  }

  growCall(call: number, text: string, ready: SseFrame[]): void {
    if (text === '') return;
    if (this.#open?.call === call) {
      this.#delta('tool', text, ready);
      this.#open.progress?.add(text);
      this.#advance(ready);
      return;
    }
    // Of a call that was whole already only white space can be left.
    const waiting = this.#waiting.find((block) => block.call === call);
    if (waiting) this.#keep(waiting, text);
  }

  /** Nothing more comes: whatever is open or waits is written and closed. */
  end(ready: SseFrame[]): void {
    this.#close(ready);
    for (let block = this.#waiting.shift(); block; block = this.#waiting.shift()) {
      this.#start(block, ready);
      this.#close(ready);
    }
  }

  /** Makes room for a block whose frames others relay, and gives its number. It is open until `closeRelayed`. */
  openRelayed(start: JsonObject, ready: SseFrame[]): number {
    this.end(ready);
    const kind = start.type === 'text' || start.type === 'thinking' ? start.type : 'other';
    this.#open = newBlock(kind, start);
    return this.#next;
  }

  closeRelayed(): void {
    this.#open = null;
    this.#next += 1;
  }

  #grow(kind: 'text' | 'thinking', text: string, ready: SseFrame[]): void {
    const last = this.#waiting.at(-1);
    if (!last && this.#open?.kind === kind && this.#open.signature === null) {
      this.#delta(kind, text, ready);
    } else if (last?.kind === kind && last.signature === null) {
      this.#keep(last, text);
    } else {
      const start = kind === 'text' ? { type: kind, text: '', citations: null } : startOfThought();
      this.#add({ ...newBlock(kind, start), text }, ready);
    }
  }

  #sign(signature: string, ready: SseFrame[]): void {
    const last = this.#waiting.at(-1) ?? this.#open;
    if (last?.kind !== 'thinking' || last.signature !== null) {
      this.#add({ ...newBlock('thinking', startOfThought()), signature }, ready);
      return;
    }
    last.signature = signature;
    if (last === this.#open) this.#signature(signature, ready);
  }

  // The open block gives way to what waits, as far as it is over.
  #add(block: Block, ready: SseFrame[]): void {
    this.#waiting.push(block);
    this.#advance(ready);
    if (this.#waiting.length > 0) this.#count(BLOCK_CHARACTERS + block.text.length);
  }

  #keep(block: Block, text: string): void {
    block.text += text;
    this.#count(text.length);
  }

  // Held against all that ever waited: an answer in which so much had to is out of all bounds.
  #count(characters: number): void {
    this.#waitingCharacters += characters;
    if (this.#waitingCharacters <= MOST_WAITING) return;
    throw new AppError('response_too_large', 'The answer of the model provider was too large.');
  }

  #advance(ready: SseFrame[]): void {
    while (this.#waiting.length > 0 && (!this.#open || isOver(this.#open))) {
      this.#close(ready);
      const block = this.#waiting.shift();
      if (block) this.#start(block, ready);
    }
  }

  #start(block: Block, ready: SseFrame[]): void {
    this.#open = block;
    const { kind, start, text, signature, progress } = block;
    const event = { type: 'content_block_start', index: this.#next, content_block: start };
    ready.push({ event: event.type, data: JSON.stringify(event) });
    if (text !== '' && kind !== 'other') this.#delta(kind, text, ready);
    progress?.add(text);
    block.text = '';
    if (signature !== null) this.#signature(signature, ready);
  }

  #close(ready: SseFrame[]): void {
    if (!this.#open) return;
    ready.push({ event: 'content_block_stop', data: `{"type":"content_block_stop","index":${String(this.#next)}}` });
    this.closeRelayed();
  }

  #delta(kind: keyof typeof DELTAS, text: string, ready: SseFrame[]): void {
    const head = `{"type":"content_block_delta","index":${String(this.#next)},"delta":{"type":`;
    ready.push({ event: 'content_block_delta', data: `${head}${DELTAS[kind]}${JSON.stringify(text)}}}` });
  }

  #signature(signature: string, ready: SseFrame[]): void {
    const event = { type: 'content_block_delta', index: this.#next, delta: { type: 'signature_delta', signature } };
    ready.push({ event: event.type, data: JSON.stringify(event) });
  }
}

function startOfThought(): JsonObject {
  return { type: 'thinking', thinking: '', signature: '' };
}

function newBlock(kind: Block['kind'], start: JsonObject): Block {
  return { kind, call: null, start, text: '', progress: null, signature: null };
}

function isOver({ progress }: Block): boolean {
  return progress === null || progress.isOver;
}
