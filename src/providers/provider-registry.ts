import type { ProviderType } from '../config/gateway-config.js';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import type { EmbeddingRequest, EmbeddingResult } from '../core/embedding/embedding-request.js';
import type { ProviderGauges } from '../core/telemetry/metric-sources.js';
import type { MediaAnswer } from '../core/media/media-request.js';
import type { RerankRequest, RerankResult } from '../core/rerank/rerank-request.js';
import type { Telemetry } from '../core/telemetry/telemetry.js';
import type { Clock } from '../core/clock.js';
import { openStream, planChat, planEmbedding } from './attempt-plans.js';
import { Continuation } from './continuation/continuation.js';
import { isContinuable } from './continuation/is-continuable.js';
import type { OpenStream } from './continuation/rest-writer.js';
import { planCount } from './plan-count.js';
import { type MediaTask, planMedia } from './media/plan-media.js';
import { planRerank } from './plan-rerank.js';
import type { ModelInfo, ResolvedModel, TargetHealth } from './model-info.js';
import type { AttemptPlanner } from './resilience/attempt-planner.js';
import type { ModelResolver } from './routing/model-resolver.js';
import type { MediaCapability, RouteTable } from './routing/route-table.js';
import type { TargetPool } from './routing/target-pool.js';
import { toTargetHealth } from './to-target-health.js';
import { VectorLengths } from './vector-lengths.js';

export interface ProviderRegistryParts {
  readonly resolver: ModelResolver;
  readonly routes: RouteTable;
  readonly pool: TargetPool;
  readonly planner: AttemptPlanner;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly models: () => ModelInfo[];
}

const OPENAI_TYPES: ReadonlySet<ProviderType> = new Set(['openai', 'azure-openai']);

/** The way to every provider, and the only thing that other features see of them. */
export class ProviderRegistry {
  readonly #parts: ProviderRegistryParts;
  readonly #routes: RouteTable;
  readonly #vectorLengths = new VectorLengths();

  constructor(parts: ProviderRegistryParts) {
    this.#parts = parts;
    this.#routes = parts.routes;
  }

  /**
   * Resolves at the first content, or at the end of an answer without any; until then other targets are tried. Rejects with
   * an AppError, or a ClientGoneError when nobody waits any more. The events throw `upstream_stream_interrupted` when the
   * answer breaks later. Whoever does not read them to the end calls `return()`; the end of the call does it at the latest.
   */
  async chat(request: ChatRequest, call: CallContext): Promise<AsyncIterable<ChatEvent>> {
    const route = this.#routes.find(request.model, 'chat');
    const { planner, telemetry, clock } = this.#parts;
    const plan = planChat(route, request, call, telemetry);
    if (!route.continuation || !isContinuable(request)) return planner.run(plan, call);
    const { instruction } = route.continuation;
    const open: OpenStream = (attempt, target, rest) => openStream(attempt, target, rest, call);
    return new Continuation({ planner, clock, telemetry, request, call, plan, instruction, open }).answer();
  }

  /**
   * The prompt tokens by the count of the provider that the request would go to first; null where that has none. Rejects as
   * `embed`.
   */
  async countTokens(request: ChatRequest, call: CallContext): Promise<number | null> {
    const plan = planCount(this.#routes.find(request.model, 'chat'), request, this.#parts.clock);
    return plan && this.#parts.planner.run(plan, call);
  }

  /** Rejects with an AppError, or a ClientGoneError when nobody waits any more. */
  async embed(request: EmbeddingRequest, call: CallContext): Promise<EmbeddingResult> {
    const route = this.#routes.find(request.model, 'embed');
    return this.#parts.planner.run(planEmbedding(route, request, this.#vectorLengths), call);
  }

  /** Rejects with an AppError, or a ClientGoneError when nobody waits any more. */
  async rerank(request: RerankRequest, call: CallContext): Promise<RerankResult> {
    const route = this.#routes.find(request.model, 'rerank');
    return this.#parts.planner.run(planRerank(route, request), call);
  }

  /**
   * Resolves to a whole answer, or at the first of one that comes piece by piece; its pieces throw `upstream_stream_interrupted`
   * when it breaks later. Rejects with an AppError, or a ClientGoneError when nobody waits any more.
   */
  async media(capability: MediaCapability, task: MediaTask, call: CallContext): Promise<MediaAnswer> {
    const route = this.#routes.find(task.model, capability);
    return this.#parts.planner.run(planMedia(route, capability, task, call), call);
  }

  /** What a model's name stands for. Throws `model_not_found`. */
  resolve(model: string): ResolvedModel {
    const { targets, contextFallback } = this.#parts.resolver.resolve(model);
    return {
      name: model,
      targets: [...targets, ...contextFallback].map((target) => ({
        provider: target.provider.name,
        providerType: target.provider.type,
        model: target.model,
      })),
    };
  }

  /** Whether one of a model's targets seals its thoughts though its type does not tell: by OpenAI's Responses alone. */
  sealsThoughts(model: string): boolean {
    const { resolver, pool } = this.#parts;
    return resolver.resolve(model).targets.some((target) => {
      const { type, apis } = target.provider;
      if (apis) return !apis.includes('chat');
      return OPENAI_TYPES.has(type) && pool.find(target).catalogEntry?.kind === 'responses';
    });
  }

  /** Every model that has a name here: aliases first. */
  models(): ModelInfo[] {
    return this.#parts.models();
  }

  /** How the targets do that were used since the start. */
  health(): TargetHealth[] {
    return this.#parts.pool.list().map(toTargetHealth);
  }

  /** Every provider as it stands, for metrics. */
  gauges(): ProviderGauges[] {
    return this.#parts.pool.providers().map(({ config, credentials, limiter }) => ({
      provider: config.name,
      credentials: { total: credentials.size, usable: credentials.countEnabled() },
      limits: limiter?.snapshot() ?? null,
    }));
  }

  /** Closes the provider's breakers, ends its cool-downs and takes its credentials back into use. */
  reset(provider: string): void {
    this.#parts.pool.reset(provider);
  }
}
