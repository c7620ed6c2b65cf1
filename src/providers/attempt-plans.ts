import type { CallContext } from '../core/call-context.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import type { EmbeddingRequest, EmbeddingResult } from '../core/embedding/embedding-request.js';
import type { Telemetry } from '../core/telemetry/telemetry.js';
import type { HedgeTerms } from './hedging/hedge-race.js';
import type { CallSort, Hedging } from './hedging/hedging.js';
import { chatDemand, embeddingDemand } from './limits/token-demand.js';
import type { AttemptPlan } from './resilience/attempt-planner.js';
import { AttemptStream } from './resilience/attempt-stream.js';
import type { RunningAttempt } from './resilience/running-attempt.js';
import type { Target } from './resilience/target.js';
import { ableCandidates } from './routing/able-candidates.js';
import type { Route } from './routing/route-table.js';
import { isReasoningCall } from './routing/route-timeouts.js';
import { RoutedChat, RoutedEmbedding } from './routing/routed-request.js';
import { chatInForm } from './structured/chat-in-form.js';
import { chatAttributes } from './chat-attributes.js';
import { toAbortError, toStreamError } from './to-app-error.js';
import type { VectorLengths } from './vector-lengths.js';

/**
 * How a chat request is sent to the targets that can take it, in the order of the model's routing; an attempt has answered
 * at its first content. Throws `unsupported_capability` when there is no such target.
 */
export function planChat(
  route: Route,
  request: ChatRequest,
  call: CallContext,
  telemetry: Telemetry,
): AttemptPlan<AttemptStream> {
  const { timeouts } = route;
  const routed = new RoutedChat(request);
  const { candidates, contextFallback } = ableCandidates(route, routed);
  const { targets, reason } = route.strategy(candidates, routed);
  if (reason !== null) call.routeReason = reason;
  return {
    operation: 'chat',
    spanAttributes: call.trace && (() => chatAttributes(request)),
    targets,
    contextFallback: contextFallback.map(({ target }) => target),
    totalMs: timeouts.plain.totalMs,
    demand: chatDemand(request),
    hedging: route.hedging && hedgeTerms(route.hedging, request),
    timeoutsFor: ({ catalogEntry }) => (isReasoningCall(request, catalogEntry) ? timeouts.reasoning : timeouts.plain),
    firstContentMsOf: ({ firstContentMs }) => (request.stream ? firstContentMs : timeouts.unstreamedFirstContentMs),
    perform: async (attempt, target) => {
      const stream = await openStream(attempt, target, request, call);
      const { provider, model, firstContentMs } = attempt.record;
      if (request.stream && firstContentMs !== null && call.firstContentMs !== null) {
        telemetry.firstContent({ provider, model, seconds: call.firstContentMs / 1000 });
      }
      return stream;
    },
  };
}

function hedgeTerms(hedging: Hedging, request: ChatRequest): HedgeTerms {
  const { stream: isStream } = request;
  const sortAt = ({ catalogEntry }: Target): CallSort => ({
    isStream,
    isReasoning: isReasoningCall(request, catalogEntry),
  });
  return { hedging, sortAt };
}

/** The stream of one attempt at a chat request, closed at the end of the call at the latest. Rejects as its `open`. */
export async function openStream(
  attempt: RunningAttempt,
  target: Target,
  request: ChatRequest,
  call: CallContext,
): Promise<AttemptStream> {
  const stream = new AttemptStream(attempt, chatInForm(target, request, attempt), (error) =>
    call.signal.aborted ? toAbortError(call) : toStreamError(error),
  );
  call.defer(() => {
    stream.close();
  });
  await stream.open();
  return stream;
}

/** How an embedding request is sent to its targets, in the order of the model's routing. */
export function planEmbedding(
  { candidates, strategy, timeouts }: Route,
  request: EmbeddingRequest,
  lengths: VectorLengths,
): AttemptPlan<EmbeddingResult> {
  return {
    operation: 'embeddings',
    targets: strategy(candidates, new RoutedEmbedding(request)).targets,
    totalMs: timeouts.plain.totalMs,
    demand: embeddingDemand(request),
    timeoutsFor: () => timeouts.plain,
    firstContentMsOf: () => timeouts.unstreamedFirstContentMs,
    perform: async (attempt, target) => {
      const { provider, model } = target;
      const answer = provider.adapter.embed?.(model, request, attempt);
      if (!answer) throw new Error(`The adapter of "${provider.config.name}" cannot embed.`);
      const result = await attempt.race(answer);
      lengths.check(request, target, result);
      attempt.record.usage = result.usage;
      attempt.commit(false);
      attempt.succeed();
      return result.model === '' ? { ...result, model } : result;
    },
  };
}
