import type { ChatRequest } from '../../core/chat/chat-request.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import { MONEY_DIGITS, toMoney, toScaled } from '../../core/money.js';
import { costOf } from '../pricing/cost-of.js';
import type { PriceBook } from '../pricing/price-book.js';
import { plainDemand, priceDemandOf } from '../pricing/price-demand.js';
import { boundAttachments } from './attachment-bound.js';
import type { Candidate, CandidateSizes } from './candidates.js';
import type { MediaOrder } from './media-order.js';
import { boundInputs, boundPrompt } from './prompt-margin.js';

type Prices = Pick<PriceBook, 'dearestPriceOf'>;
type Costs = Pick<PriceBook, 'costOf'>;

/** Where no model's window is known: more than nearly all of them read. */
const LARGEST_WINDOW = 1_000_000;
// What an adapter may add to the output limit for thinking, where the client names an effort and no number of tokens.
const MOST_THINKING_TOKENS = 24_576;
const LEAST_THINKING_TOKENS = 1_024;
/** OpenAI's Responses take no lower output limit, so that the adapter raises it. */
const LEAST_RESPONSE_TOKENS = 16;

/** A chat request of which everything is known that its price depends on. */
interface LimitedChat {
  readonly request: ChatRequest & { maxOutputTokens: number };
  /** As counted for its texts. */
  readonly promptTokens: number;
}

/** What one attempt at a chat request costs at most, at the dearest of the candidates: USD. */
export function boundChat(
  { request, promptTokens }: LimitedChat,
  candidates: readonly Candidate[],
  sizesOf: (candidate: Candidate) => CandidateSizes,
  prices: Prices,
): string {
  const hasTools = (request.tools?.length ?? 0) > 0;
  const costs = candidates.map((candidate) => {
    const sizes = sizesOf(candidate);
    const attached = Math.min(boundAttachments(request, candidate), sizes.contextWindow ?? LARGEST_WINDOW);
    const input = boundPrompt(promptTokens, candidate.providerType, hasTools) + attached;
    const price = prices.dearestPriceOf(candidate.provider, candidate.model, priceDemandOf(request, input));
    return price && costOf(tokenUsage({ input, output: boundOutput(request, candidate, sizes) }), price);
  });
  return dearest(costs);
}

/** What one attempt at an embedding request costs at most: USD. */
export function boundEmbeddings(promptTokens: number, candidates: readonly Candidate[], prices: Prices): string {
  const costs = candidates.map(({ provider, providerType, model }) => {
    const input = boundInputs(promptTokens, providerType);
    const price = prices.dearestPriceOf(provider, model, plainDemand(input));
    return price && costOf(tokenUsage({ input }), price);
  });
  return dearest(costs);
}

/** What one attempt at a request for images, sound or judgements costs at most: USD. */
export function boundMedia(order: MediaOrder, candidates: readonly Candidate[], prices: Costs): string {
  const { imageVariant } = order;
  return dearest(
    candidates.map(({ provider, providerType, model }) =>
      prices.costOf(provider, model, order.most(providerType), { imageVariant }),
    ),
  );
}

function boundOutput(request: LimitedChat['request'], candidate: Candidate, sizes: CandidateSizes): number {
  const { providerType } = candidate;
  const { maxOutputTokens, reasoning, source } = request;
  const thinks = reasoning !== undefined && reasoning.effort !== 'none';
  // Anthropic's output limit counts thinking too, so the adapter makes room for it on top of the client's limit.
  const addsThinking = thinks && providerType === 'anthropic' && source?.dialect !== 'anthropic-messages';
  const thinking = addsThinking ? Math.max(LEAST_THINKING_TOKENS, reasoning.budgetTokens ?? MOST_THINKING_TOKENS) : 0;
  const tokens = Math.max(maxOutputTokens + thinking, leastOutput(request, candidate, sizes));
  return Math.min(tokens, sizes.maxOutputTokens ?? Infinity) * countWritten(request);
}

/** How many answers are written: of a completion that is the best of several those as well, which are billed. */
export function countWritten({ choices = 1, source }: Pick<ChatRequest, 'choices' | 'source'>): number {
  const best = source?.dialect === 'openai-completions' ? source.body.best_of : undefined;
  return Math.max(choices, Number(best ?? 1));
}

function leastOutput(
  { source }: Pick<ChatRequest, 'source'>,
  { providerType }: Candidate,
  { hasResponsesOnly }: CandidateSizes,
): number {
  const isOpenAi = providerType === 'openai' || providerType === 'azure-openai';
  return isOpenAi && (hasResponsesOnly || source?.dialect === 'openai-responses') ? LEAST_RESPONSE_TOKENS : 0;
}

// Candidates without a price were refused before.
function dearest(costs: readonly (string | null)[]): string {
  const amounts = costs.map((costUsd) => toScaled(costUsd ?? '0', MONEY_DIGITS));
  const most = amounts.reduce((left, right) => (right > left ? right : left), 0n);
  return toMoney(most, MONEY_DIGITS);
}
