import { countTokens } from '../../tokens/count-tokens.js';
import type { ConversationShape } from './conversation-usage.js';
import type { EstimateCostDto, SampleMessageDto } from './cost-estimate.dto.js';

const USUAL_INPUT_TOKENS = 200;
const USUAL_OUTPUT_TOKENS = 300;

/** What is to be estimated: numbers that were given, else those counted in the sample, else the usual ones. */
export function toConversationShape(input: EstimateCostDto): ConversationShape {
  const { messages = [] } = input;
  return {
    turns: input.turns,
    systemTokens: input.system_tokens ?? sum(countsOf(messages, 'system')),
    inputTokensPerTurn: input.input_tokens_per_turn ?? average(countsOf(messages, 'user')) ?? USUAL_INPUT_TOKENS,
    outputTokensPerTurn:
      input.output_tokens_per_turn ?? average(countsOf(messages, 'assistant')) ?? USUAL_OUTPUT_TOKENS,
    sendsHistory: input.history,
    cachedShare: input.cached_share,
  };
}

function countsOf(messages: readonly SampleMessageDto[], role: SampleMessageDto['role']): number[] {
  return messages.filter((message) => message.role === role).map(({ content }) => countTokens(content));
}

function average(counts: readonly number[]): number | null {
  return counts.length === 0 ? null : Math.ceil(sum(counts) / counts.length);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
