import type { ChatEvent } from '../../../core/chat/chat-event.js';
import { isJsonObject, type JsonObject } from '../../../core/json.js';
import { ProviderError } from '../../provider-error.js';
import { mapStopReason } from './map-stop-reason.js';

/** The opening event of an answer, from its message. */
export function responseStart(message: JsonObject): ChatEvent {
  const { id, model } = message;
  return {
    type: 'response-start',
    id: typeof id === 'string' ? id : '',
    model: typeof model === 'string' ? model : '',
  };
}

/**
 * The finish of an answer, after the reason of a refusal where one was given. An ordinary end of what is no answer, having no
 * content: throws `malformed`. A model may mean it, having nothing to add to the results of tools, but a client cannot tell
 * it from a loss, and another attempt mostly has words.
 */
export function finish(stop: JsonObject, stopReason: string, isAnswer: boolean): ChatEvent[] {
  if (!isAnswer && (stopReason === 'end_turn' || stopReason === 'tool_use')) {
    throw new ProviderError('malformed', "The provider's answer holds no content.");
  }
  const end: ChatEvent = {
    type: 'finish',
    choice: 0,
    finishReason: mapStopReason(stopReason),
    rawFinishReason: stopReason,
    ...(typeof stop.stop_sequence === 'string' && { stopSequence: stop.stop_sequence }),
  };
  const why = isJsonObject(stop.stop_details) ? stop.stop_details.explanation : null;
  if (stopReason !== 'refusal' || typeof why !== 'string' || why === '') return [end];
  return [{ type: 'refusal-delta', choice: 0, text: why }, end];
}
