import type { ChatEvent } from '../../../core/chat/chat-event.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import { fromLegacyLogprobs } from './completions/from-legacy-logprobs.js';
import { mapFinishReason } from './map-finish-reason.js';
import { mendChoice } from './mend-choice.js';
import { readContent, textOf } from './read-content.js';
import { type ToolCallPiece, ToolCallTracker } from './tool-call-tracker.js';

/** Reads one choice of an answer: its deltas one after the other, or its whole message. */
export class ChoiceReader {
  readonly index: number;
  isFinished = false;
  readonly #toolCalls: ToolCallTracker;
  #hasBegun = false;

  constructor(index: number) {
    this.index = index;
    this.#toolCalls = new ToolCallTracker(index);
  }

  /** `choice` carries a `delta`, the `message` of an unstreamed reply, or a legacy completion's `text`. Nothing is read after the finish. */
  read(choice: JsonObject): ToolCallPiece {
    const piece: ToolCallPiece = { events: [], isRepaired: false };
    if (this.isFinished) return piece;
    const message = choice.message;
    const content = choice.delta ?? message;
    if (isJsonObject(content)) {
      this.#readText(content, choice.logprobs, piece);
      this.#readToolCalls(content, isJsonObject(message), piece);
    } else if (typeof choice.text === 'string') this.#readPlainText(choice.text, choice.logprobs, piece);
    const reason = textOf(choice.finish_reason);
    if (reason !== null) piece.events.push(this.#finish(reason));
    return piece;
  }

  /** The choice as it can be relayed, which is itself but for small offences against the schema; to be asked once each. */
  mend(choice: JsonObject): JsonObject {
    const isFirst = !this.#hasBegun;
    this.#hasBegun ||= isJsonObject(choice.delta);
    return mendChoice(choice, isFirst);
  }

  /** The finish of a choice whose server names none. */
  finishUnnamed(): ChatEvent {
    this.isFinished = true;
    return { type: 'finish', choice: this.index, finishReason: this.#toolCalls.hasCalls ? 'tool-calls' : 'stop' };
  }

  #finish(reason: string): ChatEvent {
    this.isFinished = true;
    return {
      type: 'finish',
      choice: this.index,
      finishReason: mapFinishReason(reason),
      rawFinishReason: reason,
    };
  }

  #readText(content: JsonObject, logprobs: JsonValue | undefined, piece: ToolCallPiece): void {
    const { events } = piece;
    const choice = this.index;
    const { text, reasoning, isInParts } = readContent(content);
    piece.isRepaired ||= isInParts;
    if (reasoning !== null) events.push({ type: 'reasoning-delta', choice, text: reasoning });
    const entries = isJsonObject(logprobs) && Array.isArray(logprobs.content) ? logprobs.content : [];
    if (entries.length > 0) events.push({ type: 'text-delta', choice, text: text ?? '', logprobs: entries });
    else if (text !== null) events.push({ type: 'text-delta', choice, text });
    const refusal = textOf(content.refusal);
    if (refusal !== null) events.push({ type: 'refusal-delta', choice, text: refusal });
  }

  #readPlainText(text: string, logprobs: JsonValue | undefined, { events }: ToolCallPiece): void {
    const entries = fromLegacyLogprobs(logprobs);
    if (entries.length > 0) events.push({ type: 'text-delta', choice: this.index, text, logprobs: entries });
    else if (text !== '') events.push({ type: 'text-delta', choice: this.index, text });
  }

  #readToolCalls(content: JsonObject, isWhole: boolean, piece: ToolCallPiece): void {
    const calls = content.tool_calls;
    if (Array.isArray(calls)) {
      for (const call of calls) if (isJsonObject(call)) this.#addToolCall(call, isWhole, piece);
    } else if (isJsonObject(calls)) {
      // Text Generation Inference streams one call without a list around it.
      this.#addToolCall(calls, isWhole, piece);
      piece.isRepaired = true;
    }
    const legacy = content.function_call;
    if (!isJsonObject(legacy)) return;
    // The older form has neither id nor index by design: giving it ours repairs nothing, and the wire object stays.
    const { events } = this.#toolCalls.read({ index: 0, function: legacy }, isWhole);
    piece.events.push(...events);
  }

  #addToolCall(call: JsonObject, isWhole: boolean, piece: ToolCallPiece): void {
    const { events, isRepaired } = this.#toolCalls.read(call, isWhole);
    piece.events.push(...events);
    piece.isRepaired ||= isRepaired;
  }
}
