import { Counter, type Registry } from 'prom-client';

/** What the response caches count. */
export class CacheInstruments {
  readonly requests: Counter<'cache' | 'outcome'>;

  constructor(registry: Registry) {
    this.requests = new Counter({
      name: 'trunkline_cache_requests_total',
      help: 'Requests that a response cache was asked for, by what came of it.',
      labelNames: ['cache', 'outcome'],
      registers: [registry],
    });
  }
}
