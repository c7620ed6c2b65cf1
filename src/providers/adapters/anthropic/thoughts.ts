import type { AssistantPart, ReasoningPart } from '../../../core/chat/chat-request.js';

/** Tells whether a part is thinking that Anthropic takes back: signed or encrypted, and by itself. */
export function isThought(part: AssistantPart): part is ReasoningPart {
  if (part.type !== 'reasoning' || part.signedBy !== 'anthropic') return false;
  return part.signature !== undefined || part.redacted !== undefined;
}

export function hasThoughts(parts: readonly AssistantPart[]): boolean {
  return parts.some(isThought);
}
