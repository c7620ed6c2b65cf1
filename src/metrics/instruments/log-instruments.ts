import { Counter, type Registry } from 'prom-client';

/** The series about the log of the process. */
export class LogInstruments {
  readonly dropped: Counter;

  constructor(registry: Registry) {
    this.dropped = new Counter({
      name: 'trunkline_log_lines_dropped_total',
      help: 'Lines of the log that were lost because nobody took them.',
      registers: [registry],
    });
  }
}
