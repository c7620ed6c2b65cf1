import { Logger } from '@nestjs/common';
import type { ModelConfig, ProviderConfig } from '../../src/config/gateway-config.js';
import { CallContext } from '../../src/core/call-context.js';
import type { ChatEvent } from '../../src/core/chat/chat-event.js';
import type { ChatRequest } from '../../src/core/chat/chat-request.js';
import { collectChat } from '../../src/core/chat/collect-chat.js';
import { tokenUsage } from '../../src/core/chat/token-usage.js';
import { type DomainEvent, DomainEvents } from '../../src/core/domain-events.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../src/core/embedding/embedding-request.js';
import { AppError } from '../../src/core/errors/app-error.js';
import { Telemetry } from '../../src/core/telemetry/telemetry.js';
import type { CatalogEntry } from '../../src/providers/catalog/catalog-entry.js';
import { createProviderRegistry } from '../../src/providers/create-provider-registry.js';
import type { AttemptContext, ProviderAdapter } from '../../src/providers/provider-adapter.js';
import { ProviderError, type ProviderErrorKind } from '../../src/providers/provider-error.js';
import type { ProviderRegistry } from '../../src/providers/provider-registry.js';
import { ProviderWatch } from '../../src/providers/provider-watch.js';
import { RetryBudget } from '../../src/providers/resilience/retry-budget.js';
import { FakeClock } from './fake-clock.js';

// Providers fail here on purpose, and often.
Logger.overrideLogger(false);

/** One thing that a scripted answer does: give an event, fail, wait some milliseconds, or say nothing ever again. */
export type ScriptStep = ChatEvent | ProviderError | number | 'hang';

export const start: ChatEvent = { type: 'response-start', id: 'x', model: 'm' };
export const hello: ChatEvent = { type: 'text-delta', choice: 0, text: 'hello' };
export const finish: ChatEvent = { type: 'finish', choice: 0, finishReason: 'stop' };
/** A whole answer of one word. */
export const answer: readonly ScriptStep[] = [
  start,
  hello,
  finish,
  { type: 'usage', usage: tokenUsage({ output: 1 }) },
];

/** A provider that does what its scripts say, one for each request, the last one for all that follow. It heeds no signal. */
export class ScriptedAdapter implements ProviderAdapter {
  readonly seen: { model: string; apiKey: string | null; attempt: AttemptContext }[] = [];
  closed = 0;

  constructor(
    private readonly clock: FakeClock,
    public scripts: (readonly ScriptStep[])[] = [answer],
  ) {}

  chat(model: string, _request: ChatRequest, attempt: AttemptContext): AsyncIterable<ChatEvent> {
    const steps = this.#begin(model, attempt)[Symbol.iterator]();
    const next = async (): Promise<IteratorResult<ChatEvent, undefined>> => {
      const step = steps.next();
      if (step.done) return { done: true, value: undefined };
      if (step.value === 'hang') return new Promise(() => undefined);
      if (step.value instanceof ProviderError) throw step.value;
      if (typeof step.value !== 'number') return { done: false, value: step.value };
      await this.clock.sleep(step.value);
      return next();
    };
    const close = (): Promise<IteratorResult<ChatEvent, undefined>> => {
      this.closed += 1;
      return Promise.resolve({ done: true, value: undefined });
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: close }) };
  }

  async embed(model: string, request: EmbeddingRequest, attempt: AttemptContext): Promise<EmbeddingResult> {
    for (const step of this.#begin(model, attempt)) {
      if (step === 'hang') return new Promise(() => undefined);
      if (step instanceof ProviderError) throw step;
      if (typeof step === 'number') await this.clock.sleep(step);
    }
    const vectors = request.inputs.map(() => new Float32Array([1]));
    return { model, vectors, usage: tokenUsage({ input: request.inputs.length }), warnings: [] };
  }

  #begin(model: string, attempt: AttemptContext): readonly ScriptStep[] {
    attempt.progress?.sent();
    this.seen.push({ model, apiKey: attempt.apiKey, attempt });
    return (this.scripts.length > 1 ? this.scripts.shift() : this.scripts[0]) ?? answer;
  }
}

/** A failure of the kind, as one script. */
export function failure(
  kind: ProviderErrorKind,
  options: { retryAfterMs?: number; param?: string } = {},
): ScriptStep[] {
  return [new ProviderError(kind, `scripted ${kind}`, options)];
}

export function providerConfig(overrides: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    name: 'a',
    type: 'openai-compatible',
    baseUrl: null,
    apiKeys: [],
    models: [],
    headers: {},
    breaker: { failureRatio: 0.5, minRequests: 10, windowMs: 30_000, openMs: 15_000, probes: 1 },
    finishReasonOptional: false,
    limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
    queue: { size: 100, waitMs: 10_000 },
    azure: null,
    vertex: null,
    ...overrides,
  };
}

export function modelConfig(
  name: string,
  targets: readonly string[],
  overrides: Partial<ModelConfig> = {},
): ModelConfig {
  return {
    name,
    targets: targets.map((target) => {
      const [provider = '', model = ''] = target.split('/');
      return { provider, model, weight: 1, tier: null };
    }),
    routing: 'priority',
    contextFallback: [],
    timeouts: {},
    hedge: null,
    singleFlight: false,
    continuation: null,
    exactCache: null,
    semanticCache: null,
    ...overrides,
  };
}

export class RecordingTelemetry extends Telemetry {
  readonly calls: { name: string; value: unknown }[] = [];

  override attemptFinished(value: unknown): void {
    this.calls.push({ name: 'attemptFinished', value });
  }
  override breakerChanged(value: unknown): void {
    this.calls.push({ name: 'breakerChanged', value });
  }
  override firstContent(value: unknown): void {
    this.calls.push({ name: 'firstContent', value });
  }
  override hedgeFinished(value: unknown): void {
    this.calls.push({ name: 'hedgeFinished', value });
  }
  override hedgeRefused(value: unknown): void {
    this.calls.push({ name: 'hedgeRefused', value });
  }
  override streamContinued(value: unknown): void {
    this.calls.push({ name: 'streamContinued', value });
  }
  override eventSkipped(value: unknown): void {
    this.calls.push({ name: 'eventSkipped', value });
  }
  override credentialBlocked(value: unknown): void {
    this.calls.push({ name: 'credentialBlocked', value });
  }
  override providerAlarm(value: unknown): void {
    this.calls.push({ name: 'providerAlarm', value });
  }

  /** The values of the calls by that name, in order. */
  of(name: string): unknown[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.value);
  }
}

export interface World {
  readonly clock: FakeClock;
  readonly registry: ProviderRegistry;
  readonly telemetry: RecordingTelemetry;
  readonly events: DomainEvent[];
  readonly budget: RetryBudget;
  readonly adapters: Readonly<Record<string, ScriptedAdapter>>;
  /** The scripted adapter of a provider; throws when there is none of that name. */
  adapter(name: string): ScriptedAdapter;
}

export interface WorldOptions {
  readonly providers?: readonly ProviderConfig[];
  readonly models?: readonly ModelConfig[];
  readonly catalog?: readonly CatalogEntry[];
  /** By provider name. */
  readonly scripts?: Readonly<Record<string, (readonly ScriptStep[])[]>>;
  readonly random?: number;
}

/** A registry over scripted providers; without options the alias `m` has the targets `a/x` and `b/x`. */
export function createWorld(options: WorldOptions = {}): World {
  const clock = new FakeClock();
  const telemetry = new RecordingTelemetry();
  const domainEvents = new DomainEvents();
  const events: DomainEvent[] = [];
  domainEvents.subscribe((event) => events.push(event));
  const adapters: Record<string, ScriptedAdapter> = {};
  const catalog = options.catalog ?? [];
  const budget = new RetryBudget();
  const registry = createProviderRegistry({
    config: {
      providers: options.providers ?? [providerConfig(), providerConfig({ name: 'b' })],
      models: options.models ?? [modelConfig('m', ['a/x', 'b/x'])],
      prices: {},
    },
    catalog: {
      find: (_type, model) => catalog.find((entry) => entry.model === model) ?? null,
      list: (type) => catalog.filter((entry) => entry.vendor === (type === 'openai-compatible' ? 'other' : type)),
    },
    clock,
    watch: new ProviderWatch(telemetry, domainEvents),
    createAdapter: ({ name }) => (adapters[name] = new ScriptedAdapter(clock, options.scripts?.[name])),
    random: () => options.random ?? 0.5,
    budget,
  });
  const adapter = (name: string): ScriptedAdapter => {
    const found = adapters[name];
    if (!found) throw new Error(`There is no provider "${name}".`);
    return found;
  };
  return { clock, registry, telemetry, events, budget, adapters, adapter };
}

export function createCall(clock: FakeClock, deadlineMs = Infinity): CallContext {
  return new CallContext({
    id: 'req_1',
    surface: 'openai',
    receivedAt: clock.now(),
    deadline: clock.monotonic() + deadlineMs,
  });
}

export function chatRequest(overrides: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: 'm',
    stream: true,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    ...overrides,
  };
}

/** What a promise came to, without throwing. */
export type Outcome<T> = { value: T } | { error: Error };

/** Waits for the promise while the clock runs, up to `limitMs`; throws when it is still pending then. */
export async function runUntilDone<T>(clock: FakeClock, promise: Promise<T>, limitMs = 700_000): Promise<Outcome<T>> {
  let outcome: Outcome<T> | undefined;
  promise.then(
    (value) => (outcome = { value }),
    (error: unknown) => (outcome = { error: error as Error }),
  );
  await clock.advance(0);
  for (let elapsed = 0; !outcome && elapsed < limitMs; elapsed += 100) await clock.advance(100);
  if (!outcome) throw new Error(`Nothing happened within ${String(limitMs)} ms.`);
  return outcome;
}

export interface ChatOutcome {
  readonly call: CallContext;
  /** The answer's text; null when it failed. */
  readonly text: string | null;
  readonly error: AppError | null;
  /** The error's code, or its name when it is no AppError; null when there was none. */
  readonly code: string | null;
  readonly tookMs: number;
  /** Each attempt as `provider:outcome`, in order. */
  readonly route: string;
}

/** Sends one chat request through the registry and reads the answer to its end. */
export async function chatOnce(
  world: World,
  overrides: Partial<ChatRequest> = {},
  deadlineMs = Infinity,
): Promise<ChatOutcome> {
  const call = createCall(world.clock, deadlineMs);
  const startedAt = world.clock.monotonic();
  const work = world.registry.chat(chatRequest(overrides), call).then(collectChat);
  const outcome = await runUntilDone(world.clock, work);
  const error = 'error' in outcome ? outcome.error : null;
  return {
    call,
    text: 'value' in outcome ? (outcome.value.choices[0]?.text ?? '') : null,
    error: error instanceof AppError ? error : null,
    code: error instanceof AppError ? error.code : (error?.name ?? null),
    tookMs: world.clock.monotonic() - startedAt,
    route: call.attempts.map((attempt) => `${attempt.provider}:${attempt.outcome ?? '?'}`).join(' '),
  };
}
