import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import type { Attempt } from '../core/attempt.js';
import type { Operation, Surface } from '../core/call-context.js';
import type { TokenUsage, UnitCounts } from '../core/chat/token-usage.js';
import type { OverloadReason } from '../core/telemetry/admission-telemetry.js';
import type { ProviderGauges } from '../core/telemetry/metric-sources.js';
import {
  type BreakerState,
  type CacheOutcome,
  type ContinuationWay,
  type HedgeRefusal,
  type SpanDropReason,
  type StructuredFeature,
  type StructuredOutcome,
  Telemetry,
} from '../core/telemetry/telemetry.js';
import type { ToolKind, ToolLoopEnd, ToolOutcome } from '../core/telemetry/tool-telemetry.js';
import type { DeliveryTryOutcome, JobOutcome, RepeatWay } from '../core/telemetry/work-telemetry.js';
import { OTHER } from './bounded-label.js';
import { Instruments } from './instruments/instruments.js';
import { startAtZero } from './instruments/start-at-zero.js';
import { MetricLabels } from './metric-labels.js';

type TokenClass = Exclude<keyof TokenUsage, 'estimated' | 'units'>;

const TOKEN_CLASSES: Readonly<Record<TokenClass, string>> = {
  input: 'input',
  cachedInput: 'cached_input',
  cacheWrite5m: 'cache_write_5m',
  cacheWrite1h: 'cache_write_1h',
  output: 'output',
  reasoning: 'reasoning',
  imageInput: 'image_input',
  audioInput: 'audio_input',
  audioOutput: 'audio_output',
  imageOutput: 'image_output',
};

const UNITS: Readonly<Record<keyof UnitCounts, string>> = {
  image: 'image',
  audioInputSecond: 'audio_input_second',
  audioOutputSecond: 'audio_output_second',
  character: 'character',
  search: 'search',
};

const BREAKER_VALUES: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

/**
 * Telemetry in Prometheus' instruments, with a registry of its own. Each number has one source: requests, their
 * durations by route come from the HTTP middleware (which also sees what guards refuse, and the end of streams), answer
 * times by target and single costs from the interceptors, the sums of tokens and cost from the settlement of usage (which jobs go through too),
 * first contents, attempts, breakers, cool-downs, alarms and skipped events from the
 * provider registry, queue depths, credentials and limits from the scrape.
 */
@Injectable()
export class PrometheusTelemetry extends Telemetry {
  readonly #instruments: Instruments;
  // Shown at a scrape: they change with every request.
  #inFlight = 0;
  #streams = 0;

  constructor(
    registry: Registry,
    private readonly labels: MetricLabels,
  ) {
    super();
    this.#instruments = new Instruments(registry);
  }

  /** Shows what has not happened yet, where its labels are few and known. */
  startAtZero(): void {
    startAtZero(this.#instruments, this.labels.providers);
  }

  override requestStarted(): void {
    this.#inFlight += 1;
  }

  override requestFinished(request: {
    method: string;
    route: string;
    status: number;
    surface: Surface;
    durationSeconds: number;
  }): void {
    this.#inFlight -= 1;
    const labels = this.labels.request(request);
    this.#instruments.http.requests.inc({ ...labels, status: this.labels.status(request.status) });
    this.#instruments.http.duration.observe(labels, request.durationSeconds);
  }

  override streamOpened(): void {
    this.#streams += 1;
  }

  override streamClosed(): void {
    this.#streams -= 1;
  }

  override authenticationRefused({ reason }: { reason: string }): void {
    this.#instruments.http.refusedKeys.inc({ reason: this.labels.word(reason) });
  }

  override callSettled({ operation, status }: { operation: Operation; status: string }): void {
    this.#instruments.http.calls.inc({ operation, status });
  }

  override requestAnswered(request: { provider: string; model: string; seconds: number }): void {
    this.#instruments.answerDuration.observe(this.labels.target(request.provider, request.model), request.seconds);
  }

  override requestCosted(request: { surface: Surface; costUsd: number }): void {
    this.#instruments.requestCost.observe({ surface: request.surface }, request.costUsd);
  }

  override firstContent(content: { provider: string; model: string; seconds: number }): void {
    this.#instruments.firstContent.observe(this.labels.target(content.provider, content.model), content.seconds);
  }

  override attemptFinished(attempt: Attempt): void {
    const target = this.labels.target(attempt.provider, attempt.model);
    if (attempt.durationMs !== null) this.#instruments.attemptDuration.observe(target, attempt.durationMs / 1_000);
    this.#instruments.attempts.inc({
      ...target,
      outcome: attempt.outcome ?? OTHER,
      kind: attempt.errorKind === null ? 'none' : this.labels.word(attempt.errorKind),
    });
  }

  override requestRepeated({ provider, model, way }: { provider: string; model: string; way: RepeatWay }): void {
    this.#instruments.repeats.inc({ ...this.labels.target(provider, model), way });
  }

  override usageSettled(settled: { provider: string; model: string; usage: TokenUsage; costUsd: string | null }): void {
    const target = this.labels.target(settled.provider, settled.model);
    for (const key of Object.keys(TOKEN_CLASSES) as TokenClass[]) {
      const count = settled.usage[key] ?? 0;
      if (count > 0) this.#instruments.tokens.inc({ ...target, class: TOKEN_CLASSES[key] }, count);
    }
    for (const [unit, count] of Object.entries(settled.usage.units ?? {}) as [keyof UnitCounts, number][]) {
      if (count > 0) this.#instruments.units.inc({ ...target, unit: UNITS[unit] }, count);
    }
    const cost = Number(settled.costUsd ?? 0);
    if (cost > 0) this.#instruments.cost.inc(target, cost);
  }

  override breakerChanged(breaker: { provider: string; model: string; state: BreakerState }): void {
    const target = this.labels.target(breaker.provider, breaker.model);
    // One gauge cannot stand for the breakers of several targets.
    if (target.model !== OTHER) this.#instruments.breaker.set(target, BREAKER_VALUES[breaker.state]);
  }

  override toolFinished(tool: { kind: ToolKind | 'unknown'; outcome: ToolOutcome; seconds: number }): void {
    const { calls, seconds } = this.#instruments.tools;
    calls.inc({ kind: tool.kind, outcome: tool.outcome });
    seconds.observe({ kind: tool.kind }, tool.seconds);
  }

  override toolLoopFinished(loop: { end: ToolLoopEnd; steps: number }): void {
    const { loops, steps } = this.#instruments.tools;
    loops.inc({ end: loop.end });
    steps.observe(loop.steps);
  }

  override hedgeFinished(hedge: { provider: string; model: string; outcome: 'won' | 'lost' | 'failed' }): void {
    const target = this.labels.target(hedge.provider, hedge.model);
    this.#instruments.hedges.finished.inc({ ...target, outcome: hedge.outcome });
  }

  override hedgeRefused(hedge: { provider: string; model: string; reason: HedgeRefusal }): void {
    const target = this.labels.target(hedge.provider, hedge.model);
    this.#instruments.hedges.refusals.inc({ ...target, reason: hedge.reason });
  }

  override streamContinued({ way }: { way: ContinuationWay | 'none' }): void {
    this.#instruments.continuations.streams.inc({ way });
  }

  override answerShared(shared: { provider: string; model: string }): void {
    this.#instruments.sharedAnswers.inc(this.labels.target(shared.provider, shared.model));
  }

  override cacheUsed({ cache, outcome }: { cache: 'exact' | 'semantic'; outcome: CacheOutcome }): void {
    this.#instruments.caches.requests.inc({ cache, outcome });
  }

  override structuredChecked(check: { feature: StructuredFeature; outcome: StructuredOutcome }): void {
    this.#instruments.structured.checks.inc(check);
  }

  override eventSkipped(event: { provider: string }): void {
    this.#instruments.skippedEvents.inc({ provider: this.labels.provider(event.provider) });
  }

  override credentialBlocked(block: { provider: string; reason: string }): void {
    this.#instruments.providers.coolDowns.inc(this.#trouble(block));
  }

  override providerAlarm(alarm: { provider: string; reason: string }): void {
    this.#instruments.providers.alarms.inc(this.#trouble(alarm));
  }

  override admissionRefused({ reason }: { reason: OverloadReason }): void {
    this.#instruments.admission.refusals.inc({ reason });
  }

  override admissionWaited({ seconds }: { seconds: number }): void {
    this.#instruments.admission.wait.observe(seconds);
  }

  override limitRefused({ owner, kind }: { owner: string; kind: string }): void {
    this.#instruments.limits.refusals.inc({ owner, kind });
  }

  override budgetRefused({ owner, window }: { owner: string; window: string }): void {
    this.#instruments.budgets.refusals.inc({ owner, window });
  }

  override budgetThresholdReached(budget: { owner: string; window: string; percent: number }): void {
    const { owner, window, percent } = budget;
    this.#instruments.budgets.thresholds.inc({ owner, window, percent: String(percent) });
  }

  override budgetOverrun({ usd }: { usd: number }): void {
    this.#instruments.budgets.overage.inc(usd);
  }

  override socketOpened(): void {
    this.#instruments.sockets.open.inc();
  }

  override socketClosed({ code }: { code: number }): void {
    this.#instruments.sockets.open.dec();
    this.#instruments.sockets.closed.inc({ code: this.labels.closeCode(code) });
  }

  override traceSpansExported({ count }: { count: number }): void {
    this.#instruments.traces.exported.inc(count);
  }

  override traceSpansDropped({ reason, count }: { reason: SpanDropReason; count: number }): void {
    this.#instruments.traces.dropped.inc({ reason }, count);
  }

  override logLinesDropped({ lines }: { lines: number }): void {
    this.#instruments.log.dropped.inc(lines);
  }

  override idempotencyUsed({ outcome }: { outcome: string }): void {
    this.#instruments.idempotency.requests.inc({ outcome });
  }

  override jobEnded(job: { kind: string; outcome: JobOutcome; seconds: number }): void {
    const kind = this.labels.queue(job.kind);
    this.#instruments.work.jobs.inc({ kind, outcome: job.outcome });
    this.#instruments.work.jobSeconds.observe({ kind }, job.seconds);
  }

  override jobStageEnded({ kind, stage, seconds }: { kind: string; stage: string; seconds: number }): void {
    const labels = { kind: this.labels.queue(kind), stage: this.labels.word(stage) };
    this.#instruments.work.stageSeconds.observe(labels, seconds);
  }

  override deliveryTried({ outcome, seconds }: { outcome: DeliveryTryOutcome; seconds: number }): void {
    this.#instruments.work.deliveries.inc({ outcome });
    this.#instruments.work.deliverySeconds.observe(seconds);
  }

  override batchLinesEnded({ succeeded, failed }: { succeeded: number; failed: number }): void {
    const { batchLines } = this.#instruments.work;
    if (succeeded > 0) batchLines.inc({ outcome: 'succeeded' }, succeeded);
    if (failed > 0) batchLines.inc({ outcome: 'failed' }, failed);
  }

  /** What is under way, and the providers, as they stand at a scrape. */
  showPresent(providers: readonly ProviderGauges[]): void {
    this.#instruments.http.show({ inFlight: this.#inFlight, streams: this.#streams });
    this.#instruments.providers.show(providers);
  }

  #trouble({ provider, reason }: { provider: string; reason: string }): { provider: string; reason: string } {
    return { provider: this.labels.provider(provider), reason: this.labels.word(reason) };
  }
}
