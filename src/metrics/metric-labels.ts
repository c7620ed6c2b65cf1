import { Injectable } from '@nestjs/common';
import { GatewayConfig } from '../config/gateway-config.js';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { BoundedLabel, OTHER } from './bounded-label.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'WS'];
// Those of the standard; a client may close with any other.
const CLOSE_CODES: ReadonlySet<number> = new Set([1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1013]);
const MAX_ROUTES = 300;
const MAX_MODELS = 500;
const MAX_WORDS = 50;

export interface TargetLabels {
  provider: string;
  model: string;
}

export interface RequestLabels {
  method: string;
  /** The router's pattern. */
  route: string;
  surface: string;
}

const UNSERVED: RequestLabels = { method: OTHER, route: OTHER, surface: OTHER };

/** Turns what requests bring into label values of closed sets, so that no client can make series grow. */
@Injectable()
export class MetricLabels {
  readonly #providers: ReadonlySet<string>;
  readonly #models: BoundedLabel;
  readonly #methods = new BoundedLabel((method) => METHODS.includes(method), METHODS.length);
  // Paths that no route serves come under a name without a slash.
  readonly #routes = new BoundedLabel((route) => route.startsWith('/'), MAX_ROUTES);
  readonly #words = new BoundedLabel((word) => /^[a-z][a-z_-]{0,40}$/.test(word), MAX_WORDS);
  readonly #queues = new BoundedLabel(() => true, MAX_WORDS);

  constructor(gateway: GatewayConfig, sources: MetricSources) {
    this.#providers = new Set(gateway.providers.map((provider) => provider.name));
    const configured = configuredTargets(gateway);
    this.#models = new BoundedLabel((target) => {
      if (configured.has(target)) return true;
      const slash = target.indexOf('/');
      return sources.isKnownModel(target.slice(0, slash), target.slice(slash + 1));
    }, MAX_MODELS);
  }

  /** Those of the configuration. */
  get providers(): readonly string[] {
    return [...this.#providers];
  }

  /** Whatever is asked of a path that nobody serves is one and the same: anybody can ask for it in any way. */
  request({ method, route, surface }: { method: string; route: string; surface: string }): RequestLabels {
    if (this.#routes.of(route) === OTHER) return UNSERVED;
    return { method: this.#methods.of(method), route, surface };
  }

  status(status: number): string {
    return Number.isInteger(status) && status >= 100 && status <= 599 ? String(status) : OTHER;
  }

  /** The code of a WebSocket's close frame. */
  closeCode(code: number): string {
    return CLOSE_CODES.has(code) ? String(code) : OTHER;
  }

  provider(name: string): string {
    return this.#providers.has(name) ? name : OTHER;
  }

  /** Only models that the operator configured or the catalogue knows have a name here. */
  target(provider: string, model: string): TargetLabels {
    if (!this.#providers.has(provider)) return { provider: OTHER, model: OTHER };
    return { provider, model: this.#models.of(`${provider}/${model}`) === OTHER ? OTHER : model };
  }

  /** A word of our own vocabulary, such as an error's kind. */
  word(word: string): string {
    return this.#words.of(word);
  }

  queue(name: string): string {
    return this.#queues.of(name);
  }
}

function configuredTargets(gateway: GatewayConfig): ReadonlySet<string> {
  const names = new Set(Object.keys(gateway.prices));
  for (const model of gateway.models) {
    for (const target of [...model.targets, ...model.contextFallback]) names.add(`${target.provider}/${target.model}`);
  }
  for (const provider of gateway.providers) {
    for (const model of provider.models) names.add(`${provider.name}/${model}`);
  }
  return names;
}
