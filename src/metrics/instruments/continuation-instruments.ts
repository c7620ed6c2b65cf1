import { Counter, type Registry } from 'prom-client';

/** The series about streams that broke after content. */
export class ContinuationInstruments {
  readonly streams: Counter<'way'>;

  constructor(registry: Registry) {
    this.streams = new Counter({
      name: 'trunkline_stream_continuations_total',
      help: 'Streams that broke after content and went on, by how the rest was asked for; none for those that did not.',
      labelNames: ['way'],
      registers: [registry],
    });
  }
}
