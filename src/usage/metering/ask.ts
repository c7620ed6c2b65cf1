import type { Attempt } from '../../core/attempt.js';
import type { ProviderType } from '../../config/gateway-config.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { EmbeddingRequest } from '../../core/embedding/embedding-request.js';
import type { BudgetTerms } from '../../core/principal.js';
import {
  boundChatTokens,
  boundEmbeddingTokens,
  countChatTokens,
  countEmbeddingTokens,
  type PromptReader,
} from '../../tokens/count-tokens.js';
import type { Operation } from '../../core/call-context.js';
import { serviceTierOf } from '../pricing/price-demand.js';
import { type Candidate, isLocal } from './candidates.js';
import { imageVendorOf } from './image-vendor-of.js';
import { estimateChatPrompt, estimateEmbeddingPrompt } from './estimate-prompt.js';
import type { UpperBounds } from './upper-bounds.service.js';

/** A request that wants to be let through, with what it may use; every number is worked out when somebody asks. */
export interface Ask {
  readonly operation: Operation;
  /** As the client named it. */
  readonly model: string;
  /** Where the request may be sent; at least one. */
  readonly candidates: readonly Candidate[];
  /** The budgets that it is charged to. */
  readonly terms: readonly BudgetTerms[];
  /** Prompt tokens, counted once. */
  promptTokens(): number;
  /** Prompt tokens at a glance, or counted where that was done anyway. */
  roughPromptTokens(): number;
  /** Prompt and answer, for limits. */
  tokens(): number;
  /** What one attempt costs at most: USD. */
  boundUsd(): string;
  /** At least as much, and often several times that, without counting the prompt. */
  ampleBoundUsd(): string;
  /** The service tier that is billed where the attempt was sent to; null for the standard one. */
  serviceTierAt(provider: string): string | null;
  /** What it uses where the provider does not say, and that is not tokens of prompt and answer. */
  countedUsage?(provider: string): TokenUsage;
  /** What the provider reported, with what is missing there though it is what is billed. */
  completedUsage?(reported: TokenUsage, target: Pick<Attempt, 'provider' | 'model'>): TokenUsage;
  /** Which images are made, as `QUALITY SIZE`. */
  readonly imageVariant?: string | null;
}

const TIERED: ReadonlySet<ProviderType> = new Set<ProviderType>(['openai', 'azure-openai', 'openai-compatible']);

/** A chat request at the gate. Under a budget `request` has the output limit that is reserved. */
export class ChatAsk implements Ask {
  readonly operation = 'chat';
  readonly model: string;
  #promptTokens: number | null = null;

  constructor(
    readonly request: ChatRequest,
    readonly candidates: readonly Candidate[],
    readonly terms: readonly BudgetTerms[],
    private readonly bounds: UpperBounds,
  ) {
    this.model = request.model;
  }

  promptTokens(): number {
    this.#promptTokens ??= countChatTokens(this.#sent(), this.#reader());
    return this.#promptTokens;
  }

  roughPromptTokens(): number {
    return this.#promptTokens ?? estimateChatPrompt(this.request);
  }

  tokens(): number {
    return this.roughPromptTokens() + this.bounds.outputTokens(this.request, this.candidates);
  }

  boundUsd(): string {
    return this.bounds.ofChat(this.request, this.promptTokens(), this.candidates);
  }

  ampleBoundUsd(): string {
    return this.bounds.ofChat(this.request, boundChatTokens(this.#sent(), this.#reader()), this.candidates);
  }

  // Only what runs here takes sources as such; for all others they stand in the messages.
  #sent(): ChatRequest {
    const { documents, ...rest } = this.request;
    return documents === undefined || this.candidates.some(isLocal) ? this.request : rest;
  }

  // Whoever is asked first.
  #reader(): PromptReader | undefined {
    const [first] = this.candidates;
    return first && { vendor: imageVendorOf(first.providerType), model: first.model };
  }

  // The others do not get the parameter.
  serviceTierAt(provider: string): string | null {
    const { source } = this.request;
    const isOpenAi = source?.dialect === 'openai-chat' || source?.dialect === 'openai-responses';
    if (!isOpenAi || source.body.service_tier === undefined) return null;
    const isTiered = this.candidates.some((each) => each.provider === provider && TIERED.has(each.providerType));
    return isTiered ? serviceTierOf(source.body.service_tier) : null;
  }
}

/** An embedding request at the gate: it costs its inputs and nothing else. */
export class EmbeddingAsk implements Ask {
  readonly operation = 'embeddings';
  readonly model: string;
  #promptTokens: number | null = null;

  constructor(
    readonly request: EmbeddingRequest,
    readonly candidates: readonly Candidate[],
    readonly terms: readonly BudgetTerms[],
    private readonly bounds: UpperBounds,
  ) {
    this.model = request.model;
  }

  promptTokens(): number {
    this.#promptTokens ??= countEmbeddingTokens(this.request);
    return this.#promptTokens;
  }

  roughPromptTokens(): number {
    return this.#promptTokens ?? estimateEmbeddingPrompt(this.request);
  }

  tokens(): number {
    return this.roughPromptTokens();
  }

  boundUsd(): string {
    return this.bounds.ofEmbeddings(this.promptTokens(), this.candidates);
  }

  ampleBoundUsd(): string {
    return this.bounds.ofEmbeddings(boundEmbeddingTokens(this.request), this.candidates);
  }

  serviceTierAt(): null {
    return null;
  }
}
