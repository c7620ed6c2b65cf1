import { newId } from '../../core/ids.js';
import type { JsonObject } from '../../core/json.js';

const PREFIX = 'msg_';

/** What a message says before anything of its content: in the whole of it, and at the beginning of its stream. */
export function renderHead(answer: { id: string; model: string }): JsonObject {
  return {
    id: toMessageId(answer.id),
    type: 'message',
    role: 'assistant',
    model: answer.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
  };
}

function toMessageId(id: string): string {
  if (id === '') return newId(PREFIX);
  return id.startsWith(PREFIX) ? id : PREFIX + id;
}
