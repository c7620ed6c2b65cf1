import type { ChatEvent } from '../../../../core/chat/chat-event.js';
import type { JsonObject } from '../../../../core/json.js';
import { responseStart } from '../response-start.js';

/** The opening event of a response. */
export function responseBegin({ id, model, created_at: created }: JsonObject): ChatEvent {
  return responseStart({ id, model, created });
}
