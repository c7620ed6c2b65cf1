import type { ChatRequest } from '../../core/chat/chat-request.js';
import { type TokenUsage, totalInputTokens, totalOutputTokens } from '../../core/chat/token-usage.js';
import type { EmbeddingRequest } from '../../core/embedding/embedding-request.js';
import { countChatTokens, countEmbeddingTokens } from '../../tokens/count-tokens.js';

/** What an answer is taken to be when nobody limits it: the real length comes right afterwards. */
const UNLIMITED_ANSWER_TOKENS = 1_024;

const CHARACTERS_PER_TOKEN = 4;
/** Past the context of any model: what reports more has a bug, and must not close the provider for hours. */
const MOST_TOKENS = 10_000_000;

/** What a request will use of a provider's tokens per minute, in parts. */
export interface TokenDemand {
  readonly prompt: number;
  /** The most that it may answer. */
  readonly answer: number;
}

/** Counts when first asked, once: most requests go where nobody asks. */
export function chatDemand(request: ChatRequest): () => TokenDemand {
  return once(() => ({
    prompt: countChatTokens(request),
    answer: (request.maxOutputTokens ?? UNLIMITED_ANSWER_TOKENS) * (request.choices ?? 1),
  }));
}

/** As `chatDemand`. */
export function embeddingDemand(request: EmbeddingRequest): () => TokenDemand {
  return once(() => ({ prompt: countEmbeddingTokens(request), answer: 0 }));
}

/** Prompt and answer together. */
export function demandedTokens(demand: TokenDemand | null): number {
  return demand ? demand.prompt + demand.answer : 0;
}

/** What the request came to: as the provider reported when that can be meant, else its prompt and what was delivered. */
export function usedTokens(demand: TokenDemand, usage: TokenUsage | null, deliveredCharacters: number): number {
  const reported = usage ? totalInputTokens(usage) + totalOutputTokens(usage) : 0;
  if (reported > 0 && reported <= MOST_TOKENS) return reported;
  return demand.prompt + Math.min(demand.answer, Math.ceil(deliveredCharacters / CHARACTERS_PER_TOKEN));
}

function once(count: () => TokenDemand): () => TokenDemand {
  let demand: TokenDemand | null = null;
  return () => (demand ??= count());
}
