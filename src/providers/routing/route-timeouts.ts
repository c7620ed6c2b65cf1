import { DEFAULT_TIMEOUTS, REASONING_TIMEOUTS } from '../../config/default-timeouts.js';
import type { TimeoutConfig } from '../../config/gateway-config.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { modelTraits } from '../adapters/anthropic/model-traits.js';
import type { CatalogEntry } from '../catalog/catalog-entry.js';

/** The timers of one route, for calls that answer at once and for calls that think first. */
export interface RouteTimeouts {
  readonly plain: TimeoutConfig;
  readonly reasoning: TimeoutConfig;
  /** Milliseconds to the first content that hold for unstreamed calls too; Infinity when the file sets none. */
  readonly unstreamedFirstContentMs: number;
}

/** Lays the model's own timers over the default ones. */
export function toRouteTimeouts(overrides: Readonly<Partial<TimeoutConfig>>): RouteTimeouts {
  return {
    plain: { ...DEFAULT_TIMEOUTS, ...overrides },
    reasoning: { ...DEFAULT_TIMEOUTS, ...REASONING_TIMEOUTS, ...overrides },
    unstreamedFirstContentMs: overrides.firstContentMs ?? Infinity,
  };
}

/** Tells whether the model thinks before it answers: because the request says so, or because it always does. */
export function isReasoningCall(request: ChatRequest, entry: CatalogEntry | null): boolean {
  const { effort, budgetTokens } = request.reasoning ?? {};
  if (effort === 'none') return false;
  if (effort !== undefined) return true;
  if (budgetTokens !== undefined) return budgetTokens > 0;
  if (!entry?.capabilities.reasoning) return false;
  // Older models of Anthropic's think only when asked to.
  return entry.vendor !== 'anthropic' || modelTraits(entry.model).thinksByDefault;
}
