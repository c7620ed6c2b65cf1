import { Counter, Histogram, type Registry } from 'prom-client';

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const STEPS = [1, 2, 3, 4, 6, 8, 16, 32];

/** The series about tools that the server runs for models. */
export class ToolInstruments {
  readonly calls: Counter<'kind' | 'outcome'>;
  readonly seconds: Histogram<'kind'>;
  readonly loops: Counter<'end'>;
  readonly steps: Histogram;

  constructor(registry: Registry) {
    this.calls = new Counter({
      name: 'trunkline_tool_calls_total',
      help: 'Tools that were run for models, and how that ended.',
      labelNames: ['kind', 'outcome'],
      registers: [registry],
    });
    this.seconds = new Histogram({
      name: 'trunkline_tool_seconds',
      help: 'How long tools took.',
      labelNames: ['kind'],
      buckets: SECONDS,
      registers: [registry],
    });
    this.loops = new Counter({
      name: 'trunkline_tool_loops_total',
      help: 'Requests with tools that are run here, and why the model stopped using them.',
      labelNames: ['end'],
      registers: [registry],
    });
    this.steps = new Histogram({
      name: 'trunkline_tool_loop_steps',
      help: 'Answers of the model in one request with tools that are run here.',
      buckets: STEPS,
      registers: [registry],
    });
  }
}
