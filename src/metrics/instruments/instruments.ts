import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { AdmissionInstruments } from './admission-instruments.js';
import { BudgetInstruments } from './budget-instruments.js';
import { CacheInstruments } from './cache-instruments.js';
import { ContinuationInstruments } from './continuation-instruments.js';
import { HedgeInstruments } from './hedge-instruments.js';
import { HttpInstruments } from './http-instruments.js';
import { IdempotencyInstruments } from './idempotency-instruments.js';
import { LimitInstruments } from './limit-instruments.js';
import { LogInstruments } from './log-instruments.js';
import { TraceInstruments } from './trace-instruments.js';
import { ProviderInstruments } from './provider-instruments.js';
import { ToolInstruments } from './tool-instruments.js';
import { StructuredInstruments } from './structured-instruments.js';
import { SocketInstruments } from './socket-instruments.js';
import { WorkInstruments } from './work-instruments.js';

const REQUEST_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const FIRST_CONTENT_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 12, 30, 60, 120];
const ATTEMPT_SECONDS = [0.1, 0.5, 1, 2.5, 5, 15, 60, 300];
const COST_USD = [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

type TargetLabel = 'provider' | 'model';

/** Every instrument that is told of what happens, registered with one registry. */
export class Instruments {
  readonly http: HttpInstruments;
  readonly firstContent: Histogram<TargetLabel>;
  readonly answerDuration: Histogram<TargetLabel>;
  readonly requestCost: Histogram<'surface'>;
  readonly tokens: Counter<TargetLabel | 'class'>;
  readonly units: Counter<TargetLabel | 'unit'>;
  readonly cost: Counter<TargetLabel>;
  readonly attempts: Counter<TargetLabel | 'outcome' | 'kind'>;
  readonly breaker: Gauge<TargetLabel>;
  readonly attemptDuration: Histogram<TargetLabel>;
  readonly repeats: Counter<TargetLabel | 'way'>;
  readonly skippedEvents: Counter<'provider'>;
  readonly providers: ProviderInstruments;
  readonly budgets: BudgetInstruments;
  readonly limits: LimitInstruments;
  readonly idempotency: IdempotencyInstruments;
  readonly hedges: HedgeInstruments;
  readonly tools: ToolInstruments;
  readonly sharedAnswers: Counter<TargetLabel>;
  readonly continuations: ContinuationInstruments;
  readonly caches: CacheInstruments;
  readonly structured: StructuredInstruments;
  readonly sockets: SocketInstruments;
  readonly work: WorkInstruments;
  readonly log: LogInstruments;
  readonly traces: TraceInstruments;
  readonly admission: AdmissionInstruments;

  constructor(registry: Registry) {
    this.http = new HttpInstruments(registry);
    this.firstContent = new Histogram({
      name: 'trunkline_first_content_seconds',
      help: 'Time from the arrival of a call to the first content of its stream.',
      labelNames: ['provider', 'model'],
      buckets: FIRST_CONTENT_SECONDS,
      registers: [registry],
    });
    this.answerDuration = new Histogram({
      name: 'trunkline_answer_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer, by who answered.',
      labelNames: ['provider', 'model'],
      buckets: REQUEST_SECONDS,
      registers: [registry],
    });
    this.requestCost = new Histogram({
      name: 'trunkline_request_cost_usd',
      help: 'Cost of one HTTP request in US dollars.',
      labelNames: ['surface'],
      buckets: COST_USD,
      registers: [registry],
    });
    this.tokens = targetCounter(registry, 'tokens_total', 'Billed tokens; the classes are disjoint.', 'class');
    this.units = targetCounter(registry, 'units_total', 'Billed units other than tokens.', 'unit');
    this.cost = targetCounter(registry, 'cost_usd_total', 'Settled cost in US dollars; unpriced calls add nothing.');
    this.attempts = targetCounter(registry, 'attempts_total', 'Requests dispatched upstream.', 'outcome', 'kind');
    this.breaker = breakerGauge(registry);
    this.repeats = targetCounter(registry, 'repeats_total', 'Attempts after one that failed at the target.', 'way');
    this.attemptDuration = new Histogram({
      name: 'trunkline_attempt_duration_seconds',
      help: 'How long requests to providers took, from dispatch to their end.',
      labelNames: ['provider', 'model'],
      buckets: ATTEMPT_SECONDS,
      registers: [registry],
    });
    this.skippedEvents = new Counter({
      name: 'trunkline_stream_events_skipped_total',
      help: 'Malformed stream events that were passed over.',
      labelNames: ['provider'],
      registers: [registry],
    });
    this.providers = new ProviderInstruments(registry);
    this.budgets = new BudgetInstruments(registry);
    this.limits = new LimitInstruments(registry);
    this.idempotency = new IdempotencyInstruments(registry);
    this.hedges = new HedgeInstruments(registry);
    this.tools = new ToolInstruments(registry);
    this.sharedAnswers = targetCounter(registry, 'shared_answers_total', 'Requests that read along with another one.');
    this.continuations = new ContinuationInstruments(registry);
    this.caches = new CacheInstruments(registry);
    this.structured = new StructuredInstruments(registry);
    this.sockets = new SocketInstruments(registry);
    this.work = new WorkInstruments(registry);
    this.log = new LogInstruments(registry);
    this.traces = new TraceInstruments(registry);
    this.admission = new AdmissionInstruments(registry);
  }
}

function breakerGauge(registry: Registry): Gauge<TargetLabel> {
  return new Gauge({
    name: 'trunkline_breaker_state',
    help: 'Circuit breaker of a target: 0 closed, 1 half open, 2 open; the worst of the workers.',
    aggregator: 'max',
    labelNames: ['provider', 'model'],
    registers: [registry],
  });
}

function targetCounter<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  ...labels: Label[]
): Counter<TargetLabel | Label> {
  return new Counter<TargetLabel | Label>({
    name: `trunkline_${name}`,
    help,
    labelNames: ['provider', 'model', ...labels],
    registers: [registry],
  });
}
