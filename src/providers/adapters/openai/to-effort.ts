import type { ChatRequest, ReasoningEffort } from '../../../core/chat/chat-request.js';

/**
 * How hard the model is to think, in OpenAI's words. Models that are known not to think (`thinks`; null where nobody knows)
 * refuse to be told. `warn` hears of that, and of a number of tokens that becomes an effort.
 */
export function toEffort(
  { reasoning }: Pick<ChatRequest, 'reasoning'>,
  thinks: boolean | null,
  warn: (message: string) => void,
): ReasoningEffort | undefined {
  if (!reasoning) return undefined;
  const { effort, budgetTokens } = reasoning;
  if (thinks === false) {
    const isAsked = budgetTokens !== undefined || (effort ?? 'none') !== 'none';
    if (isAsked) warn('The reasoning effort was dropped: the model does not reason.');
    return undefined;
  }
  if (budgetTokens === undefined) return effort;
  warn('The reasoning budget became a reasoning effort: OpenAI takes no number of tokens.');
  if (effort !== undefined) return effort;
  if (budgetTokens <= 2048) return 'low';
  return budgetTokens <= 8192 ? 'medium' : 'high';
}
