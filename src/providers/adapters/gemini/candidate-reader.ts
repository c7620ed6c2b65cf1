import { randomUUID } from 'node:crypto';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import { mapFinishReason } from './map-finish-reason.js';
import { toLogprobs } from './to-logprobs.js';

/** Finishes that mean nothing when nothing came with them: the model failed to write an answer. */
const FAILURES = new Set([
  'STOP',
  'OTHER',
  'FINISH_REASON_UNSPECIFIED',
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'MALFORMED_RESPONSE',
]);

/** Reads one candidate of an answer, whole or as it grows through a stream. */
export class CandidateReader {
  readonly #choice: number;
  readonly #warn: (message: string) => void;
  #toolCalls = 0;
  #hasParts = false;
  #isBlocked = false;
  #finishReason: string | null = null;

  constructor(choice: number, warn: (message: string) => void) {
    this.#choice = choice;
    this.#warn = warn;
  }

  get isFinished(): boolean {
    return this.#finishReason !== null;
  }

  /** True when the candidate ended as if it were whole, with nothing in it. */
  get isEmpty(): boolean {
    return !this.#hasParts && !this.#isBlocked && this.#finishReason !== null && FAILURES.has(this.#finishReason);
  }

  /**
   * The events of what a response says of this candidate; nothing once it is finished. The finish of an empty one is held
   * back until it is known whether there is an answer at all.
   */
  read(candidate: JsonObject): ChatEvent[] {
    if (this.isFinished) return [];
    const { content, finishReason } = candidate;
    const events: ChatEvent[] = [];
    const parts = isJsonObject(content) && Array.isArray(content.parts) ? content.parts : [];
    for (const part of parts) if (isJsonObject(part)) this.#readPart(part, events);
    const logprobs = toLogprobs(candidate.logprobsResult);
    if (logprobs) this.#addLogprobs(events, logprobs);
    if (typeof finishReason !== 'string' || finishReason === '') return events;
    this.#finishReason = finishReason;
    if (!this.isEmpty) events.push(this.finish());
    return events;
  }

  /** The finish of a candidate whose rest the provider withholds; nothing once it is finished. */
  block(reason: string): ChatEvent[] {
    if (this.isFinished) return [];
    this.#isBlocked = true;
    this.#finishReason = reason;
    return [{ type: 'finish', choice: this.#choice, finishReason: 'content-filter', rawFinishReason: reason }];
  }

  finish(): ChatEvent {
    const raw = this.#finishReason ?? '';
    const finishReason = mapFinishReason(raw, this.#toolCalls > 0);
    return { type: 'finish', choice: this.#choice, finishReason, rawFinishReason: raw };
  }

  #readPart(part: JsonObject, events: ChatEvent[]): void {
    const { text, functionCall, inlineData, thought, thoughtSignature } = part;
    const signed = typeof thoughtSignature === 'string' && thoughtSignature !== '' ? thoughtSignature : null;
    const signature = signed === null ? {} : ({ signature: signed, signedBy: 'gemini' } as const);
    this.#hasParts = true;
    if (isJsonObject(functionCall)) {
      this.#readCall(functionCall, signature, events);
      return;
    }
    if (isJsonObject(inlineData)) this.#warn('An image or a sound in the answer was dropped: answers are text here.');
    const choice = this.#choice;
    const words = typeof text === 'string' ? text : '';
    if (thought === true) {
      if (words !== '' || signed !== null) events.push({ type: 'reasoning-delta', choice, text: words, ...signature });
      return;
    }
    if (words !== '') events.push({ type: 'text-delta', choice, text: words });
    // Text has no place for a signature: it goes out as a thought without words.
    if (signed !== null) events.push({ type: 'reasoning-delta', choice, text: '', ...signature });
  }

  #readCall(call: JsonObject, signature: { signature?: string; signedBy?: 'gemini' }, events: ChatEvent[]): void {
    const choice = this.#choice;
    const index = this.#toolCalls++;
    const id = textOf(call.id);
    events.push(
      {
        type: 'tool-call-start',
        choice,
        index,
        id: id === '' ? newCallId() : id,
        name: textOf(call.name),
        ...signature,
      },
      { type: 'tool-call-delta', choice, index, argumentsDelta: JSON.stringify(call.args ?? {}) },
    );
  }

  #addLogprobs(events: ChatEvent[], logprobs: unknown[]): void {
    const first = events.find((event) => event.type === 'text-delta');
    if (first) first.logprobs = logprobs;
    else events.push({ type: 'text-delta', choice: this.#choice, text: '', logprobs });
  }
}

function newCallId(): string {
  return `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
