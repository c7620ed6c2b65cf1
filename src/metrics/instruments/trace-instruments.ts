import { Counter, type Registry } from 'prom-client';

/** The series about spans on their way to a collector. */
export class TraceInstruments {
  readonly exported: Counter;
  readonly dropped: Counter<'reason'>;

  constructor(registry: Registry) {
    this.exported = new Counter({
      name: 'trunkline_trace_spans_exported_total',
      help: 'Spans that the collector took.',
      registers: [registry],
    });
    this.dropped = new Counter({
      name: 'trunkline_trace_spans_dropped_total',
      help: 'Spans that will not come to the collector, by reason.',
      labelNames: ['reason'],
      registers: [registry],
    });
  }
}
