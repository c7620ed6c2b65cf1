import type { CallContext } from '../core/call-context.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import type { EmbeddingRequest, EmbeddingResult } from '../core/embedding/embedding-request.js';
import { AppError } from '../core/errors/app-error.js';
import type { Telemetry } from '../core/telemetry/telemetry.js';
import type { AttemptPlan } from './resilience/attempt-planner.js';
import { AttemptStream } from './resilience/attempt-stream.js';
import type { RunningAttempt } from './resilience/running-attempt.js';
import type { Target } from './resilience/target.js';
import type { Route } from './routing/route-table.js';
import { isReasoningCall } from './routing/route-timeouts.js';
import { toAbortError, toStreamError } from './to-app-error.js';

/**
 * How a chat request is sent to a target that can take it; an attempt has answered at its first content. Throws
 * `unsupported_capability` when there is no such target.
 */
export function planChat(
  route: Route,
  request: ChatRequest,
  call: CallContext,
  telemetry: Telemetry,
): AttemptPlan<AttemptStream> {
  const { timeouts } = route;
  const targets = targetsFor(route, request);
  const timeoutsFor = (target: Target) =>
    isReasoningCall(request, target.catalogEntry) ? timeouts.reasoning : timeouts.plain;
  return {
    targets,
    totalMs: timeouts.plain.totalMs,
    timeoutsFor,
    firstContentMsFor: (target) =>
      request.stream ? timeoutsFor(target).firstContentMs : timeouts.unstreamedFirstContentMs,
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

function targetsFor({ targets }: Route, request: ChatRequest): readonly Target[] {
  const able = targets.filter(({ provider }) => !provider.adapter.refusalOf?.(request));
  if (able.length > 0) return able;
  const refusal = targets[0]?.provider.adapter.refusalOf?.(request);
  throw new AppError('unsupported_capability', refusal?.message ?? 'The model cannot answer such a request.', {
    param: refusal?.param,
  });
}

async function openStream(
  attempt: RunningAttempt,
  { provider, model }: Target,
  request: ChatRequest,
  call: CallContext,
): Promise<AttemptStream> {
  const events = provider.adapter.chat?.(model, request, attempt);
  if (!events) throw new Error(`The adapter of "${provider.config.name}" cannot chat.`);
  const stream = new AttemptStream(attempt, events, (error) =>
    call.signal.aborted ? toAbortError(call) : toStreamError(error),
  );
  call.defer(() => {
    stream.close();
  });
  await stream.open();
  return stream;
}

/** How an embedding request is sent to a target. */
export function planEmbedding({ targets, timeouts }: Route, request: EmbeddingRequest): AttemptPlan<EmbeddingResult> {
  return {
    targets,
    totalMs: timeouts.plain.totalMs,
    timeoutsFor: () => timeouts.plain,
    firstContentMsFor: () => timeouts.unstreamedFirstContentMs,
    perform: async (attempt, { provider, model }) => {
      const answer = provider.adapter.embed?.(model, request, attempt);
      if (!answer) throw new Error(`The adapter of "${provider.config.name}" cannot embed.`);
      const result = await attempt.race(answer);
      attempt.record.usage = result.usage;
      attempt.commit(false);
      attempt.succeed();
      return result.model === '' ? { ...result, model } : result;
    },
  };
}
