import type { AssistantPart, ChatMessage, ChatRequest, ReasoningPart } from '../../../core/chat/chat-request.js';
import { isSameModel, modelTraits } from './model-traits.js';

/** Tells whether a part is thinking that Anthropic takes back: signed or encrypted, and by itself. */
export function isThought(part: AssistantPart): part is ReasoningPart {
  if (part.type !== 'reasoning' || part.signedBy !== 'anthropic') return false;
  return part.signature !== undefined || part.redacted !== undefined;
}

export function hasThoughts(parts: readonly AssistantPart[]): boolean {
  return parts.some(isThought);
}

/**
 * The request without the thinking of other models than this one: the API refuses it, and no client can know that the answer
 * before came from another model. Models that bind thinking to its conversation leave out by themselves what they cannot
 * read. The same request when there is nothing to take out.
 */
export function withoutForeignThoughts(request: ChatRequest, model: string): ChatRequest {
  const isForeign = (part: AssistantPart): boolean =>
    part.type === 'reasoning' && part.model !== undefined && !isSameModel(part.model, model);
  const holdsForeign = ({ role, content }: ChatMessage): boolean => role === 'assistant' && content.some(isForeign);
  if (!request.messages.some(holdsForeign) || modelTraits(model).bindsThinking) return request;
  const messages = request.messages.map((message) => {
    if (message.role !== 'assistant') return message;
    return { ...message, content: message.content.filter((part) => !isForeign(part)) };
  });
  return { ...request, messages };
}
