import type { ChatRequest, ReasoningEffort } from '../../../core/chat/chat-request.js';

/** How hard the model is to think, in OpenAI's words; `warn` hears of a number of tokens that becomes one. */
export function toEffort(
  { reasoning }: Pick<ChatRequest, 'reasoning'>,
  warn: (message: string) => void,
): ReasoningEffort | undefined {
  if (!reasoning) return undefined;
  const { effort, budgetTokens } = reasoning;
  if (budgetTokens === undefined) return effort;
  warn('The reasoning budget became a reasoning effort: OpenAI takes no number of tokens.');
  if (effort !== undefined) return effort;
  if (budgetTokens <= 2048) return 'low';
  return budgetTokens <= 8192 ? 'medium' : 'high';
}
