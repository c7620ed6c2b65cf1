import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { WireObject } from '../../../core/chat/wire-object.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import { ChoiceReader } from './choice-reader.js';
import { mapUsage } from './map-usage.js';
import { mendUsage } from './mend-usage.js';
import { isFailure, readChoiceFailure, readFailureFrame } from './read-failure.js';
import { responseStart } from './response-start.js';
import type { ChunkDialect } from './text-chunks.js';
import type { ToolCallPiece } from './tool-call-tracker.js';

type ReplyAttempt = Pick<AttemptContext, 'apiKey' | 'implausibleUsage'>;

/**
 * The events of an unstreamed chat completion, or of a legacy one, all sharing the reply as their wire object. Throws `malformed` when it
 * holds no message, and what it says when it is an error that came with status 200.
 */
export function readReply(
  reply: unknown,
  attempt: ReplyAttempt,
  finishReasonOptional = false,
  dialect: ChunkDialect = 'openai-chat',
): ChatEvent[] {
  if (!isJsonObject(reply)) throw malformed();
  const credential = attempt.apiKey;
  if (isFailure(reply)) throw toProviderError(readFailureFrame(reply), credential);
  const { choices } = reply;
  if (!Array.isArray(choices) || choices.length === 0) throw malformed();
  const read = choices.map((choice, position) => readChoice(choice, position, { credential, finishReasonOptional }));
  const events = [responseStart(reply), ...read.flatMap(({ piece }) => piece.events)];
  const usage = mapUsage(reply.usage);
  if (usage) events.push({ type: 'usage', usage });
  else if (isJsonObject(reply.usage)) attempt.implausibleUsage();
  const wire = read.some(({ piece }) => piece.isRepaired) ? undefined : toWire(dialect, reply, read, usage !== null);
  for (const event of events) event.wire = wire;
  return events;
}

interface ReadChoice {
  piece: ToolCallPiece;
  choice: JsonObject;
  isMended: boolean;
}

function readChoice(
  choice: JsonValue,
  position: number,
  { credential, finishReasonOptional }: { credential: string | null; finishReasonOptional: boolean },
): ReadChoice {
  if (!isJsonObject(choice)) throw malformed();
  const failure = readChoiceFailure(choice);
  if (failure) throw toProviderError(failure, credential);
  // Azure leaves the message out where its content filter took all of it.
  const isSaid = isJsonObject(choice.message) || typeof choice.text === 'string';
  if (!isSaid && choice.finish_reason !== 'content_filter') throw malformed();
  const reader = new ChoiceReader(typeof choice.index === 'number' ? choice.index : position);
  const piece = reader.read(choice);
  if (!reader.isFinished) {
    // The reply came whole, so that its text can be trusted; only why it ended is unknown.
    const unknown: ChatEvent = { type: 'finish', choice: reader.index, finishReason: 'other' };
    piece.events.push(finishReasonOptional ? reader.finishUnnamed() : unknown);
  }
  const mended = reader.mend(choice);
  return { piece, choice: mended, isMended: mended !== choice };
}

function toWire(dialect: ChunkDialect, reply: JsonObject, read: readonly ReadChoice[], hasUsage: boolean): WireObject {
  const isMended = read.some((each) => each.isMended);
  const value = withFitUsage(reply, hasUsage);
  return { dialect, value: isMended ? { ...value, choices: read.map((each) => each.choice) } : value };
}

// A usage that cannot be meant, or is none, is counted by us and not relayed.
function withFitUsage(reply: JsonObject, hasUsage: boolean): JsonObject {
  const { usage } = reply;
  if (usage === undefined) return reply;
  if (hasUsage && isJsonObject(usage)) {
    const mended = mendUsage(usage);
    return mended === usage ? reply : { ...reply, usage: mended };
  }
  const { usage: _, ...rest } = reply;
  return rest;
}

function malformed(): ProviderError {
  return new ProviderError('malformed', "The provider's answer holds no message.");
}
