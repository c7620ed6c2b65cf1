import type { WireObject } from '../../core/chat/wire-object.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import type { AnswerHead } from './answer-head.js';

/** A chunk as an upstream of this dialect sent it. */
export interface WireChunk {
  value: JsonObject;
  choices: JsonValue[];
}

/** The chunk on the wire; null when there is none, or it is the reply of an unstreamed call. */
export function toWireChunk(wire: WireObject | undefined): WireChunk | null {
  if (wire?.dialect !== 'openai-chat' || !isJsonObject(wire.value)) return null;
  const { choices = [], object } = wire.value;
  if (!Array.isArray(choices) || object === 'chat.completion') return null;
  return { value: wire.value, choices };
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
    typeof value.created === 'number' &&
    typeof value.model === 'string' &&
    value.object === 'chat.completion.chunk'
  );
}

function isCompleteChoice(choice: JsonValue): boolean {
  return (
    isJsonObject(choice) &&
    choice.delta !== undefined &&
    choice.finish_reason !== undefined &&
    typeof choice.index === 'number'
  );
}

function completeChoice(choice: JsonObject): JsonObject {
  return { index: 0, delta: {}, finish_reason: null, ...choice };
}
