import { AppError } from '../../core/errors/app-error.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { isTokenPrompt } from '../../core/chat/token-prompt.js';
import type { Target } from '../resilience/target.js';
import type { Candidate } from './candidate.js';
import type { Route } from './route-table.js';
import type { RoutedChat } from './routed-request.js';

/** More than a token of any text has on the average: a prompt with this many to each token of the window is too long. */
const CHARACTERS_PER_TOKEN = 6;

const NO_TOKENS = { message: 'The model reads no token numbers. Send the prompt as a text.', param: 'prompt' };

/** Who can take a request. */
export interface AbleCandidates {
  /** In file order; at least one. */
  readonly candidates: readonly Candidate[];
  /** Where it goes when it is too long for them. */
  readonly contextFallback: readonly Candidate[];
}

/**
 * Leaves out who cannot answer the request, as far as that is known, while others can; the only ones that there are may
 * try, because what is known may be wrong. When the prompt is certainly too long for all of them it goes to the fallback at
 * once. Throws `unsupported_capability` when the adapters of all of them refuse.
 */
export function ableCandidates(route: Route, request: RoutedChat): AbleCandidates {
  const candidates = capable(willing(route.candidates, request.chat), request);
  if (candidates.length === 1 && route.contextFallback.length === 0) return { candidates, contextFallback: [] };
  const fallback = capable(route.contextFallback.filter(doesNotRefuse(request.chat)), request);
  const fitting = candidates.filter((candidate) => mayFit(candidate, request));
  if (fitting.length > 0) return { candidates: fitting, contextFallback: fallback };
  const larger = fallback.filter((candidate) => mayFit(candidate, request));
  return larger.length > 0 ? { candidates: larger, contextFallback: [] } : { candidates, contextFallback: fallback };
}

function willing(candidates: readonly Candidate[], request: ChatRequest): readonly Candidate[] {
  const able = candidates.filter(doesNotRefuse(request));
  if (able.length > 0) return able;
  const first = candidates[0]?.target;
  const refusal = first && refusalOf(request, first);
  throw new AppError('unsupported_capability', refusal?.message ?? 'The model cannot answer such a request.', {
    param: refusal?.param,
  });
}

function doesNotRefuse(request: ChatRequest): (candidate: Candidate) => boolean {
  return ({ target }) => refusalOf(request, target) === null;
}

function refusalOf(request: ChatRequest, target: Target): { message: string; param: string } | null {
  const { adapter } = target.provider;
  if (adapter.readsTokens !== true && isTokenPrompt(request)) return NO_TOKENS;
  return adapter.refusalOf?.(request, target) ?? null;
}

function capable(candidates: readonly Candidate[], request: RoutedChat): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  const able = candidates.filter((candidate) => !lacksCapability(candidate, request));
  return able.length > 0 ? able : candidates;
}

function lacksCapability({ target }: Candidate, request: RoutedChat): boolean {
  const capabilities = target.catalogEntry?.capabilities;
  if (!capabilities) return false;
  const { tools = [] } = request.chat;
  return (!capabilities.tools && tools.length > 0) || (!capabilities.vision && request.hasImages);
}

function mayFit({ target }: Candidate, request: RoutedChat): boolean {
  const window = target.catalogEntry?.contextWindow ?? null;
  return window === null || request.prompt.characters <= window * CHARACTERS_PER_TOKEN;
}
