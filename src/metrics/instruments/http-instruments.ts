import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** The series about requests as clients make them. */
export class HttpInstruments {
  readonly requests: Counter<'method' | 'route' | 'status' | 'surface'>;
  readonly duration: Histogram<'method' | 'route' | 'surface'>;
  readonly refusedKeys: Counter<'reason'>;
  readonly calls: Counter<'operation' | 'status'>;
  readonly #inFlight: Gauge;
  readonly #streams: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.requests = new Counter({
      name: 'trunkline_http_requests_total',
      help: 'Answered HTTP requests.',
      labelNames: ['method', 'route', 'status', 'surface'],
      registers,
    });
    this.duration = new Histogram({
      name: 'trunkline_http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer, streams included.',
      labelNames: ['method', 'route', 'surface'],
      buckets: SECONDS,
      registers,
    });
    this.refusedKeys = new Counter({
      name: 'trunkline_auth_failures_total',
      help: 'Requests that were turned away because of their key.',
      labelNames: ['reason'],
      registers,
    });
    this.calls = new Counter({
      name: 'trunkline_calls_total',
      help: 'Admitted requests and jobs that are in the ledger, by what was asked for and how they ended.',
      labelNames: ['operation', 'status'],
      registers,
    });
    this.#inFlight = new Gauge({
      name: 'trunkline_http_requests_in_flight',
      help: 'Requests and messages whose answers are not over.',
      registers,
    });
    this.#streams = new Gauge({ name: 'trunkline_http_streams_open', help: 'Streams that are being sent.', registers });
  }

  /** What is under way at a scrape: counted elsewhere, because it changes with every request. */
  show({ inFlight, streams }: { inFlight: number; streams: number }): void {
    this.#inFlight.set(inFlight);
    this.#streams.set(streams);
  }
}
