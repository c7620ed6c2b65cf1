import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { WireObject } from '../../../core/chat/wire-object.js';
import { isJsonObject, type JsonValue } from '../../../core/json.js';
import { ProviderError } from '../../provider-error.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import { ChoiceReader } from './choice-reader.js';
import { mapUsage } from './map-usage.js';
import { readFailureFrame } from './read-failure.js';
import { responseStart } from './response-start.js';
import type { ToolCallPiece } from './tool-call-tracker.js';

/**
 * The events of an unstreamed chat completion, all sharing the reply as their wire object. Throws `malformed` when it
 * holds no message, and what it says when it is an error that came with status 200.
 */
export function readReply(reply: unknown, credential: string | null, finishReasonOptional = false): ChatEvent[] {
  if (!isJsonObject(reply)) throw malformed();
  if ((reply.error ?? null) !== null) throw toProviderError(readFailureFrame(reply), credential);
  const { choices } = reply;
  if (!Array.isArray(choices) || choices.length === 0) throw malformed();
  const pieces = choices.map((choice, position) => readChoice(choice, position, finishReasonOptional));
  const events = [responseStart(reply), ...pieces.flatMap((piece) => piece.events)];
  const isRepaired = pieces.some((piece) => piece.isRepaired);
  const usage = mapUsage(reply.usage);
  if (usage) events.push({ type: 'usage', usage });
  const wire: WireObject | undefined = isRepaired ? undefined : { dialect: 'openai-chat', value: reply };
  for (const event of events) event.wire = wire;
  return events;
}

function readChoice(choice: JsonValue, position: number, finishReasonOptional: boolean): ToolCallPiece {
  if (!isJsonObject(choice) || !isJsonObject(choice.message)) throw malformed();
  const reader = new ChoiceReader(typeof choice.index === 'number' ? choice.index : position);
  const piece = reader.read(choice);
  if (!reader.isFinished) {
    // The reply came whole, so that its text can be trusted; only why it ended is unknown.
    const unknown: ChatEvent = { type: 'finish', choice: reader.index, finishReason: 'other' };
    piece.events.push(finishReasonOptional ? reader.finishUnnamed() : unknown);
  }
  return piece;
}

function malformed(): ProviderError {
  return new ProviderError('malformed', "The provider's answer holds no message.");
}
