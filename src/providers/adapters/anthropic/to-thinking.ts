import type { OutputConfig, ThinkingConfigParam } from '@anthropic-ai/sdk/resources/messages';
import type { ChatRequest, ReasoningEffort } from '../../../core/chat/chat-request.js';
import type { ModelTraits } from './model-traits.js';

type Warn = (message: string) => void;

/** The most tokens of one answer: what the client allows, and what the model can do, where it is known. */
export interface OutputLimits {
  client: number | undefined;
  model: number | null;
}

/** How the model is to think, and the output limit that leaves room for it. */
export interface Thinking {
  thinking?: ThinkingConfigParam;
  effort?: OutputConfig['effort'];
  max_tokens: number;
}

/** The output limit of a request that names none, for a model of unknown limits: Anthropic demands one. */
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
 * Thinking by effort where the model decides for itself, by a number of tokens where it does not, turned off where the
 * effort is `none`; without a word from the client the model's own way. The output limit counts thinking too, so a number
 * of tokens comes on top of what the client allowed for the answer.
 */
export function toThinking(
  reasoning: ChatRequest['reasoning'],
  limits: OutputLimits,
  traits: ModelTraits,
  warn: Warn,
): Thinking {
  const max_tokens = outputLimit(limits, warn);
  const most = limits.model ?? Infinity;
  if (!reasoning) return { max_tokens };
  if (reasoning.effort === 'none') return { ...turnOff(traits, warn), max_tokens };
  const { effort, budgetTokens } = reasoning;
  if (budgetTokens !== undefined && traits.takesThinkingBudget) return withBudget(budgetTokens, max_tokens, most);
  if (budgetTokens !== undefined) warn('The reasoning budget became an effort: the model decides how much to think.');
  const level = effort ?? effortOf(budgetTokens);
  if (level === undefined) return { max_tokens };
  if (!traits.thinksAdaptively) return withBudget(BUDGETS[level], max_tokens, most);
  return { thinking: { type: 'adaptive', display: 'summarized' }, effort: toEffort(level, traits), max_tokens };
}

function turnOff({ thinkingOff }: ModelTraits, warn: Warn): Pick<Thinking, 'thinking' | 'effort'> {
  switch (thinkingOff) {
    case 'omitted':
      return {};
    case 'disabled':
    case 'between_tools':
      return { thinking: { type: thinkingOff } };
    case 'impossible':
      warn('Reasoning was lowered, not turned off: the model always thinks.');
      return { effort: 'low' };
  }
}

// Without a word from the client the answer may be as long as the model can make it.
function outputLimit({ client, model }: OutputLimits, warn: Warn): number {
  if (client === undefined) return model ?? DEFAULT_MAX_TOKENS;
  if (model === null || client <= model) return client;
  warn(`The output limit was lowered to ${String(model)} tokens: the model writes no more.`);
  return model;
}

function withBudget(tokens: number, maxTokens: number, most: number): Thinking {
  const wanted = Math.max(LEAST_BUDGET, tokens);
  const fits = maxTokens + wanted <= most;
  // The budget must be less than the limit; half of it is left for the answer when both do not fit.
  const budget = fits ? wanted : Math.max(LEAST_BUDGET, Math.min(wanted, Math.floor(most / 2)));
  return { thinking: { type: 'enabled', budget_tokens: budget }, max_tokens: fits ? maxTokens + wanted : most };
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
