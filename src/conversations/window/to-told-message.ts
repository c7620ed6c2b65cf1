import type { AssistantPart, ChatMessage } from '../../core/chat/chat-request.js';
import type { TurnMessage } from '../turns/turn-message.js';

// What every provider takes as the name of a function.
const FOREIGN = /[^A-Za-z0-9_-]/g;
const LONGEST_NAME = 64;

/** A stored message as a model is told it; null for one that would say nothing to it, such as thoughts alone. */
export function toToldMessage(message: TurnMessage): ChatMessage | null {
  if (message.role !== 'assistant') return message;
  if (!message.content.some(({ type }) => type !== 'reasoning')) return null;
  return { ...message, content: message.content.map(withPlainName) };
}

function withPlainName(part: AssistantPart): AssistantPart {
  if (part.type !== 'tool-call') return part;
  const name = part.name.replace(FOREIGN, '_').slice(0, LONGEST_NAME);
  return name === part.name ? part : { ...part, name: name === '' ? 'tool' : name };
}
