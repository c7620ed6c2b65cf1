import type { ChatRequest } from './chat-request.js';

/** How many of a request's messages, from the first, the client did not send with it: its conversation and a system text. */
export function countEarlierMessages({ messages, source, earlierMessages }: ChatRequest): number {
  if (earlierMessages !== undefined || !source) return earlierMessages ?? 0;
  const sent = source.body.messages;
  return messages.length - Math.min(messages.length, Array.isArray(sent) ? sent.length : 1);
}
