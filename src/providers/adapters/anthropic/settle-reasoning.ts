import type { ChatRequest } from '../../../core/chat/chat-request.js';
import { hasThoughts } from './thoughts.js';
import type { ModelTraits } from './model-traits.js';

const OFF: ChatRequest['reasoning'] = { effort: 'none' };

/**
 * The reasoning that the rest of the request leaves possible. A forced tool, the beginning of an answer, and a tool call
 * whose own thinking is gone each exclude it, and each is what the client relies on; `warn` hears of reasoning that was
 * asked for and is turned off.
 */
export function settleReasoning(
  request: ChatRequest,
  isForced: boolean,
  traits: ModelTraits,
  warn: (message: string) => void,
): ChatRequest['reasoning'] {
  const { reasoning, messages } = request;
  const obstacle = obstacleIn(messages, isForced, traits);
  if (obstacle === null) return reasoning;
  const isAskedFor = reasoning !== undefined && reasoning.effort !== 'none';
  if (isAskedFor) warn(`Reasoning was turned off: ${obstacle}.`);
  return isAskedFor || traits.thinksByDefault ? OFF : reasoning;
}

function obstacleIn(messages: ChatRequest['messages'], isForced: boolean, traits: ModelTraits): string | null {
  if (isForced) return 'Anthropic does not think when a tool call is forced';
  if (traits.takesPrefill && messages.at(-1)?.role === 'assistant') {
    return 'the last message begins the answer, and the model would have to think before it';
  }
  if (!traits.thinksAdaptively && lacksThoughts(messages)) {
    return 'the thinking before the last tool call is missing, and the model wants it back';
  }
  return null;
}

// Whether the conversation stands at the results of tool calls that came without the thinking that led to them. The first
// message of the turn is what counts: with the thinking there, those after it may do without.
function lacksThoughts(messages: ChatRequest['messages']): boolean {
  const last = messages.findLastIndex((message) => message.role === 'assistant');
  if (last < 0 || messages[last + 1]?.role !== 'tool') return false;
  const asked = messages.findLastIndex((message, index) => index < last && message.role === 'user');
  const first = messages.find((message, index) => index > asked && message.role === 'assistant');
  return first?.role === 'assistant' && !hasThoughts(first.content);
}
