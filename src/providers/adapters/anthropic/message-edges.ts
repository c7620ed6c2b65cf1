import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { JsonObject } from '../../../core/json.js';
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

/** The finish of an answer. An ordinary end without any content is no answer: throws `malformed`. */
export function finish(stopReason: string, hasBlocks: boolean): ChatEvent {
  if (!hasBlocks && (stopReason === 'end_turn' || stopReason === 'tool_use')) {
    throw new ProviderError('malformed', "The provider's answer holds no content.");
  }
  return { type: 'finish', choice: 0, finishReason: mapStopReason(stopReason), rawFinishReason: stopReason };
}
