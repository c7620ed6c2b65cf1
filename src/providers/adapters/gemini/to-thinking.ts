import type { ChatRequest, ReasoningEffort } from '../../../core/chat/chat-request.js';
import type { WireThinking } from './generate-body.js';
import type { ModelTraits } from './model-traits.js';

type Warn = (message: string) => void;
type Effort = Exclude<ReasoningEffort, 'none'>;
type Level = NonNullable<WireThinking['thinkingLevel']>;

const BUDGETS: Readonly<Record<Effort, number>> = {
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
};

/** Tokens up to which a number of them stands for an effort. */
const LOW_BUDGET = 1024;
const MEDIUM_BUDGET = 8192;

/**
 * How the model is to think, by a number of tokens or by a level, whichever it takes; its thoughts are asked for unless
 * they are turned off. Undefined leaves it to the model.
 */
export function toThinking(
  reasoning: ChatRequest['reasoning'],
  traits: ModelTraits,
  warn: Warn,
): WireThinking | undefined {
  if (!reasoning) return undefined;
  if (traits.thinking === 'none') {
    if (reasoning.effort !== 'none') warn('The reasoning settings were dropped: the model does not think.');
    return undefined;
  }
  if (reasoning.effort === 'none') return withoutThinking(traits, warn);
  const { effort, budgetTokens } = reasoning;
  if (effort === undefined && budgetTokens === undefined) return { includeThoughts: true };
  if (traits.thinking === 'budget') {
    const tokens = budgetTokens ?? BUDGETS[effort ?? 'medium'];
    return { thinkingBudget: clamp(tokens, traits), includeThoughts: true };
  }
  if (budgetTokens !== undefined) warn('The reasoning budget became a level: the model takes no number of tokens.');
  return { thinkingLevel: levelOf(effort ?? effortOf(budgetTokens), traits), includeThoughts: true };
}

function withoutThinking(traits: ModelTraits, warn: Warn): WireThinking {
  if (traits.thinking === 'level') {
    warn('Reasoning was lowered as far as it goes: the model cannot turn it off.');
    return { thinkingLevel: levelOf('minimal', traits) };
  }
  if (traits.canStopThinking) return { thinkingBudget: 0 };
  warn('Reasoning was lowered as far as it goes: the model cannot turn it off.');
  return { thinkingBudget: traits.leastBudget };
}

function clamp(tokens: number, { leastBudget, mostBudget }: ModelTraits): number {
  return Math.min(mostBudget, Math.max(leastBudget, Math.floor(tokens)));
}

function effortOf(budgetTokens: number | undefined): Effort {
  if (budgetTokens === undefined) return 'medium';
  if (budgetTokens <= LOW_BUDGET) return 'low';
  return budgetTokens <= MEDIUM_BUDGET ? 'medium' : 'high';
}

function levelOf(effort: Effort, { takesMinimalLevel, takesMediumLevel }: ModelTraits): Level {
  switch (effort) {
    case 'minimal':
      return takesMinimalLevel ? 'MINIMAL' : 'LOW';
    case 'low':
      return 'LOW';
    case 'medium':
      return takesMediumLevel ? 'MEDIUM' : 'HIGH';
    case 'high':
    case 'xhigh':
      return 'HIGH';
  }
}
