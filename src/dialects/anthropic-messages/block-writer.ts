import { carrySignature } from '../../core/chat/carried-signature.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { JsonObject } from '../../core/json.js';
import type { SseFrame } from '../../core/sse-frame.js';

type Thought = ChatEvent & { type: 'reasoning-delta' };

/** A block that is open at the client, or waits until another one is closed. */
interface Block {
  readonly kind: 'text' | 'thinking' | 'tool' | 'other';
  /** Which of the answer's tool calls it is; null for other blocks. */
  readonly call: number | null;
  readonly start: JsonObject;
  /** Of a tool call: the arguments so far. Of a waiting block: all of its text. */
  text: string;
  /** Of thinking that is over. */
  signature: string | null;
}

const DELTAS = {
  text: '"text_delta","text":',
  thinking: '"thinking_delta","thinking":',
  tool: '"input_json_delta","partial_json":',
} as const;

/**
 * Writes the content of a message: blocks with consecutive numbers, one open at a time. What belongs to another block than
 * the open one waits where that may still grow: text and thinking are over when something else comes, a tool call once its
 * arguments are whole.
 */
export class BlockWriter {
  #next = 0;
  #open: Block | null = null;
  readonly #waiting: Block[] = [];

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
      this.#add({ kind: 'other', call: null, start, text: '', signature: null }, ready);
      return;
    }
    if (text !== '') this.#grow('thinking', text, ready);
    if (signature !== undefined) this.#sign(carrySignature(signature, signedBy), ready);
  }

  openCall({ index, id, name }: ChatEvent & { type: 'tool-call-start' }, ready: SseFrame[]): void {
    const start = { type: 'tool_use', id, name, input: {} };
    this.#add({ kind: 'tool', call: index, start, text: '', signature: null }, ready);
  }

  growCall(call: number, text: string, ready: SseFrame[]): void {
    if (text === '') return;
    if (this.#open?.call === call) {
      this.#open.text += text;
      this.#delta('tool', text, ready);
      this.#advance(ready);
      return;
    }
    // Of a call that was whole already only white space can be left.
    const waiting = this.#waiting.find((block) => block.call === call);
    if (waiting) waiting.text += text;
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
    this.#open = { kind, call: null, start, text: '', signature: null };
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
      last.text += text;
    } else {
      const start = kind === 'text' ? { type: kind, text: '', citations: null } : startOfThought();
      this.#add({ kind, call: null, start, text, signature: null }, ready);
    }
  }

  #sign(signature: string, ready: SseFrame[]): void {
    const last = this.#waiting.at(-1) ?? this.#open;
    if (last?.kind !== 'thinking' || last.signature !== null) {
      this.#add({ kind: 'thinking', call: null, start: startOfThought(), text: '', signature }, ready);
      return;
    }
    last.signature = signature;
    if (last === this.#open) this.#signature(signature, ready);
  }

  // The open block gives way to what waits, as far as it is over.
  #add(block: Block, ready: SseFrame[]): void {
    this.#waiting.push(block);
    this.#advance(ready);
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
    const { kind, start, text, signature } = block;
    const event = { type: 'content_block_start', index: this.#next, content_block: start };
    ready.push({ event: event.type, data: JSON.stringify(event) });
    if (text !== '' && kind !== 'other') this.#delta(kind, text, ready);
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

function isOver({ kind, text }: Block): boolean {
  if (kind !== 'tool') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
