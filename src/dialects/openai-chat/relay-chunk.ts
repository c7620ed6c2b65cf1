import type { ChunkShape } from '../../core/chat/chunk-shape.js';
import type { WireObject } from '../../core/chat/wire-object.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import type { AnswerHead } from './answer-head.js';

/** A chunk as an upstream of this dialect sent it; `text` is its JSON when that is known. */
export interface WireChunk {
  value: JsonObject;
  choices: JsonValue[];
  text: string | undefined;
}

/** The chunk on the wire; null when there is none, or it is the reply of an unstreamed call. */
export function toWireChunk(wire: WireObject | undefined): WireChunk | null {
  if (wire?.dialect !== 'openai-chat' || !isJsonObject(wire.value)) return null;
  const { choices = [], object } = wire.value;
  if (!Array.isArray(choices) || object === 'chat.completion') return null;
  return { value: wire.value, choices, text: wire.text };
}

const NO_USAGE = ',"usage":null';

/**
 * The chunk's own JSON when it can go to the client as it came, at most without its empty `usage`; null when it has to be
 * made anew.
 */
export function relayText({ value, choices, text }: WireChunk, id: string, includeUsage: boolean): string | null {
  if (text === undefined || !hasHead(value, id) || value.choices === undefined || !choices.every(isCompleteChoice)) {
    return null;
  }
  if (value.usage === undefined) return includeUsage ? null : text;
  if (value.usage !== null) return null;
  return includeUsage ? text : withoutUsage(text);
}

/** A shape of chunks, and what becomes of it on the way to the client. */
export interface RelayedShape extends ChunkShape {
  readonly of: ChunkShape;
}

/** How other chunks of the shape are relayed, after one of them was: with `text` in it, as `relayed`. */
export function relayedShape(shape: ChunkShape, text: string, relayed: string): RelayedShape | null {
  const prefix = withoutUsage(shape.prefix) ?? shape.prefix;
  const suffix = withoutUsage(shape.suffix) ?? shape.suffix;
  for (const candidate of [shape, { prefix, suffix }]) {
    if (candidate.prefix + text + candidate.suffix === relayed) {
      return { of: shape, prefix: candidate.prefix, suffix: candidate.suffix };
    }
  }
  return null;
}

// Quotes inside a JSON text's strings are escaped: a bare `"usage"` that stands only once is the chunk's own member.
function withoutUsage(text: string): string | null {
  const start = text.indexOf(NO_USAGE);
  if (start === -1 || text.indexOf('"usage"') !== start + 1 || text.lastIndexOf('"usage"') !== start + 1) return null;
  return text.slice(0, start) + text.slice(start + NO_USAGE.length);
}

/**
 * The chunk as it goes to the client: as it came but for `usage`, which the stream's end carries when it was asked for,
 * for members that the schema demands and some servers leave out, and for an id that is not the stream's.
 */
export function relayChunk(chunk: WireChunk, head: AnswerHead, includeUsage: boolean): JsonObject {
  const { value, choices } = chunk;
  const relayed: JsonObject = { ...value };
  if (includeUsage) relayed.usage = null;
  else delete relayed.usage;
  if (!hasHead(value, head.id)) Object.assign(relayed, head, { object: 'chat.completion.chunk' });
  if (!choices.every(isCompleteChoice)) relayed.choices = choices.filter(isJsonObject).map(completeChoice);
  else if (value.choices === undefined) relayed.choices = [];
  return relayed;
}

function hasHead(value: JsonObject, id: string): boolean {
  return (
    value.id === id &&
    Number.isSafeInteger(value.created) &&
    typeof value.model === 'string' &&
    value.object === 'chat.completion.chunk'
  );
}

function isCompleteChoice(choice: JsonValue): boolean {
  return (
    isJsonObject(choice) &&
    isJsonObject(choice.delta) &&
    choice.finish_reason !== undefined &&
    Number.isSafeInteger(choice.index)
  );
}

function completeChoice(choice: JsonObject): JsonObject {
  return {
    ...choice,
    index: Number.isSafeInteger(choice.index) ? choice.index : 0,
    delta: isJsonObject(choice.delta) ? choice.delta : {},
    finish_reason: choice.finish_reason ?? null,
  };
}
