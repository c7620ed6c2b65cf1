import type { ChatRequest } from '../../../core/chat/chat-request.js';

/**
 * Why no model of Anthropic's can answer the request, in words for the client; null when one may. A request in Anthropic's
 * own dialect is for the API to judge.
 */
export function refusalOf(request: ChatRequest): { message: string; param: string } | null {
  const { choices = 1, source, toolChoice, tools = [] } = request;
  if (source?.dialect === 'anthropic-messages') return null;
  if (choices > 1) {
    return { message: 'The model gives one choice. Set `n` to 1, or name another model.', param: 'n' };
  }
  const lacksTool =
    (toolChoice?.type === 'required' && tools.length === 0) ||
    (toolChoice?.type === 'tool' && !tools.some(({ name }) => name === toolChoice.name));
  if (!lacksTool) return null;
  return {
    message: 'The model takes tools of the type `function` only, and `tool_choice` wants another one.',
    param: 'tool_choice',
  };
}
