import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { JsonObject } from '../../../core/json.js';

/** The opening event of an answer, from its reply or its first chunk; `createdAt` is in Unix seconds as on the wire. */
export function responseStart(head: JsonObject): ChatEvent {
  const { id, model, created } = head;
  return {
    type: 'response-start',
    id: typeof id === 'string' ? id : '',
    model: typeof model === 'string' ? model : '',
    // Some servers tell the time with fractions.
    createdAt: typeof created === 'number' && Math.abs(created) < 1e12 ? Math.floor(created) : undefined,
  };
}
