import type { CallContext } from '../../core/call-context.js';
import type { EmbeddingRequest } from '../../core/embedding/embedding-request.js';
import type { MediaAnswer } from '../../core/media/media-request.js';
import { embeddingDemand } from '../limits/token-demand.js';
import type { AttemptContext, ProviderAdapter } from '../provider-adapter.js';
import type { AttemptPlan } from '../resilience/attempt-planner.js';
import type { RunningAttempt } from '../resilience/running-attempt.js';
import { RoutedEmbedding } from '../routing/routed-request.js';
import type { MediaCapability, Route } from '../routing/route-table.js';
import { toAbortError, toStreamError } from '../to-app-error.js';
import { MediaPieces } from './media-pieces.js';
import type { MediaReply, MediaSource } from './media-reply.js';

/** A request for images, sound or judgements, whatever it is. */
export interface MediaTask {
  /** As the client wrote it. */
  readonly model: string;
  /** What is read of it, for routing and for tokens per minute. */
  readonly texts: readonly string[];
  readonly isStream: boolean;
  /** True for what takes its time before the first of it can be seen. */
  readonly isSlow: boolean;
  /** Asks the adapter; undefined when it cannot. */
  send(adapter: ProviderAdapter, model: string, attempt: AttemptContext): Promise<MediaReply> | undefined;
}

/** How such a request is sent to its targets, in the order of the model's routing. */
export function planMedia(
  route: Route,
  capability: MediaCapability,
  task: MediaTask,
  call: CallContext,
): AttemptPlan<MediaAnswer> {
  const { candidates, strategy, timeouts } = route;
  const sized: EmbeddingRequest = { model: task.model, inputs: [...task.texts] };
  const timers = task.isSlow ? timeouts.reasoning : timeouts.plain;
  return {
    operation: capability,
    targets: strategy(candidates, new RoutedEmbedding(sized)).targets,
    totalMs: timeouts.plain.totalMs,
    demand: embeddingDemand(sized),
    timeoutsFor: () => timers,
    firstContentMsOf: ({ firstContentMs }) => (task.isStream ? firstContentMs : timeouts.unstreamedFirstContentMs),
    perform: async (attempt, target) => {
      const { provider, model } = target;
      const reply = task.send(provider.adapter, model, attempt);
      if (!reply) throw new Error(`The adapter of "${provider.config.name}" cannot do this.`);
      return toAnswer(await attempt.race(reply), attempt, call);
    },
  };
}

async function toAnswer(reply: MediaReply, attempt: RunningAttempt, call: CallContext): Promise<MediaAnswer> {
  switch (reply.type) {
    case 'whole': {
      const { type, contentType, text, usage } = reply;
      attempt.record.usage = usage;
      attempt.commit(true);
      attempt.succeed();
      return { type, contentType, text };
    }
    case 'bytes':
      // The head is there: what the sound itself takes is the idle timer's.
      attempt.timers.contentArrived();
      return { type: 'bytes', contentType: reply.contentType, pieces: await open(reply.source, attempt, call) };
    case 'events':
      return { type: 'events', frames: await open(reply.source, attempt, call) };
  }
}

async function open<T>(
  source: MediaSource<T>,
  attempt: RunningAttempt,
  call: CallContext,
): Promise<AsyncIterableIterator<T, undefined>> {
  const pieces = new MediaPieces(attempt, source, (error) =>
    call.signal.aborted ? toAbortError(call) : toStreamError(error),
  );
  call.defer(() => {
    pieces.close();
  });
  await pieces.open();
  return pieces;
}
