import type { ChatMessage } from '../core/chat/chat-request.js';
import type { Said } from './turns/turn-desk.service.js';
import type { TurnMessage } from './turns/turn-message.js';

/** System texts belong to the turn and not to what is said in it: the newest one holds. */
export function splitSystem(messages: readonly ChatMessage[]): Said {
  const texts = messages.flatMap((message) =>
    message.role === 'system' ? message.content.map(({ text }) => text).filter((text) => text !== '') : [],
  );
  return {
    system: texts.length > 0 ? texts.join('\n\n') : null,
    messages: messages.filter((message): message is TurnMessage => message.role !== 'system'),
  };
}
