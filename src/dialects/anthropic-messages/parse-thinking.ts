import type { ChatRequest, ReasoningEffort } from '../../core/chat/chat-request.js';
import type { JsonValue } from '../../core/json.js';
import { readInteger, readObject, refuseMissing, requireString } from '../read-parameters.js';
import type { Losses } from './losses.js';

const MOST_TOKENS = 2_147_483_647;

/**
 * How the model is to think: `enabled` with a number of tokens, `adaptive` as it likes, `disabled` not at all. The effort
 * holds beside the first two, and alone where thinking is not spoken of. Thoughts are told unless they are `omitted`.
 */
export function parseThinking(
  value: JsonValue | undefined,
  effort: ReasoningEffort | undefined,
  losses: Losses,
): ChatRequest['reasoning'] {
  const thinking = readObject(value, 'thinking');
  if (!thinking) return effort && { effort };
  const summary = thinking.display === 'omitted' ? {} : { summary: 'auto' as const };
  const type = requireString(thinking.type, 'thinking.type');
  switch (type) {
    case 'enabled': {
      const budgetTokens = readInteger(thinking.budget_tokens, 'thinking.budget_tokens', { min: 1, max: MOST_TOKENS });
      if (budgetTokens === undefined) return refuseMissing('thinking.budget_tokens');
      return { budgetTokens, ...(effort && { effort }), ...summary };
    }
    case 'adaptive':
      return { ...(effort && { effort }), ...summary };
    case 'disabled':
      return { effort: 'none' };
    default:
      losses.add(`thinking.${type}`);
      return effort && { effort };
  }
}
