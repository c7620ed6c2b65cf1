import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { ProviderInstruments } from './provider-instruments.js';

const REQUEST_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const FIRST_CONTENT_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 12, 30, 60, 120];
const COST_USD = [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

type TargetLabel = 'provider' | 'model';

/** Every instrument of the gateway, registered with one registry. */
export class Instruments {
  readonly requests: Counter<'method' | 'route' | 'status' | 'surface'>;
  readonly requestDuration: Histogram<'method' | 'route' | 'surface'>;
  readonly firstContent: Histogram<TargetLabel>;
  readonly answerDuration: Histogram<TargetLabel>;
  readonly requestCost: Histogram<'surface'>;
  readonly tokens: Counter<TargetLabel | 'class'>;
  readonly cost: Counter<TargetLabel>;
  readonly attempts: Counter<TargetLabel | 'outcome' | 'kind'>;
  readonly breaker: Gauge<TargetLabel>;
  readonly queueDepth: Gauge<'queue'>;
  readonly skippedEvents: Counter<'provider'>;
  readonly providers: ProviderInstruments;

  constructor(registry: Registry) {
    const registers = [registry];
    this.requests = new Counter({
      name: 'trunkline_http_requests_total',
      help: 'Answered HTTP requests.',
      labelNames: ['method', 'route', 'status', 'surface'],
      registers,
    });
    this.requestDuration = new Histogram({
      name: 'trunkline_http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer, streams included.',
      labelNames: ['method', 'route', 'surface'],
      buckets: REQUEST_SECONDS,
      registers,
    });
    this.firstContent = new Histogram({
      name: 'trunkline_first_content_seconds',
      help: 'Time from the arrival of a call to the first content of its stream.',
      labelNames: ['provider', 'model'],
      buckets: FIRST_CONTENT_SECONDS,
      registers,
    });
    this.answerDuration = new Histogram({
      name: 'trunkline_answer_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer, by who answered.',
      labelNames: ['provider', 'model'],
      buckets: REQUEST_SECONDS,
      registers,
    });
    this.requestCost = new Histogram({
      name: 'trunkline_request_cost_usd',
      help: 'Cost of one HTTP request in US dollars.',
      labelNames: ['surface'],
      buckets: COST_USD,
      registers,
    });
    this.tokens = targetCounter(registry, 'tokens_total', 'Billed tokens; the classes are disjoint.', 'class');
    this.cost = targetCounter(registry, 'cost_usd_total', 'Settled cost in US dollars; unpriced calls add nothing.');
    this.attempts = targetCounter(registry, 'attempts_total', 'Requests dispatched upstream.', 'outcome', 'kind');
    this.breaker = new Gauge({
      name: 'trunkline_breaker_state',
      help: 'Circuit breaker of a target: 0 closed, 1 half open, 2 open.',
      labelNames: ['provider', 'model'],
      registers,
    });
    this.queueDepth = new Gauge({
      name: 'trunkline_queue_depth',
      help: 'Jobs that wait, by queue.',
      labelNames: ['queue'],
      registers,
    });
    this.skippedEvents = new Counter({
      name: 'trunkline_stream_events_skipped_total',
      help: 'Malformed stream events that were passed over.',
      labelNames: ['provider'],
      registers,
    });
    this.providers = new ProviderInstruments(registry);
  }
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
