import type { OutputConfig, ThinkingConfigParam } from '@anthropic-ai/sdk/resources/messages';
import type { ChatRequest, ReasoningEffort } from '../../../core/chat/chat-request.js';
import type { ModelTraits } from './model-traits.js';

type Warn = (message: string) => void;

/** How the model is to think, and the output limit that leaves room for it. */
export interface Thinking {
  thinking?: ThinkingConfigParam;
  effort?: OutputConfig['effort'];
  max_tokens: number;
}

/** The output limit of a request that names none: Anthropic demands one. */
export const DEFAULT_MAX_TOKENS = 4096;

const LEAST_BUDGET = 1024;
const BUDGETS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
};

/**
 * Thinking by effort where the model decides for itself, by a number of tokens where it does not. The output limit counts
 * thinking too, so a number of tokens comes on top of what the client allowed for the answer.
 */
export function toThinking(
  reasoning: ChatRequest['reasoning'],
  request: Pick<ChatRequest, 'maxOutputTokens'>,
  traits: ModelTraits,
  warn: Warn,
): Thinking {
  const max_tokens = request.maxOutputTokens ?? DEFAULT_MAX_TOKENS;
  if (!reasoning || reasoning.effort === 'none') return { max_tokens };
  const { effort, budgetTokens } = reasoning;
  if (budgetTokens !== undefined && traits.takesThinkingBudget) return withBudget(budgetTokens, max_tokens);
  if (budgetTokens !== undefined) warn('The reasoning budget became an effort: the model decides how much to think.');
  const level = effort ?? effortOf(budgetTokens);
  if (level === undefined) return { max_tokens };
  if (!traits.thinksAdaptively) return withBudget(BUDGETS[level], max_tokens);
  return { thinking: { type: 'adaptive', display: 'summarized' }, effort: toEffort(level, traits), max_tokens };
}

function withBudget(tokens: number, maxTokens: number): Thinking {
  const budget = Math.max(LEAST_BUDGET, tokens);
  return { thinking: { type: 'enabled', budget_tokens: budget }, max_tokens: maxTokens + budget };
}

function effortOf(budgetTokens: number | undefined): Exclude<ReasoningEffort, 'none'> | undefined {
  if (budgetTokens === undefined) return undefined;
  if (budgetTokens <= 2048) return 'low';
  return budgetTokens <= 8192 ? 'medium' : 'high';
}

function toEffort(effort: Exclude<ReasoningEffort, 'none'>, traits: ModelTraits): NonNullable<OutputConfig['effort']> {
  if (effort === 'minimal') return 'low';
  return effort === 'xhigh' && !traits.takesHighestEffort ? 'high' : effort;
}
