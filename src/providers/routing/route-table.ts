import type { ContinuationConfig, GatewayConfig, Routing } from '../../config/gateway-config.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { setBounded } from '../../core/set-bounded.js';
import type { CatalogKind } from '../catalog/catalog-entry.js';
import { Hedging } from '../hedging/hedging.js';
import type { Target } from '../resilience/target.js';
import type { Candidate } from './candidate.js';
import { tiersOf } from './candidate-tiers.js';
import type { ModelResolver, ResolvedRoute, ResolvedTarget } from './model-resolver.js';
import { priceTableOf } from './price-table.js';
import { type RouteTimeouts, toRouteTimeouts } from './route-timeouts.js';
import { createStrategies } from './strategies/create-strategies.js';
import type { RoutingStrategy } from './strategies/routing-strategy.js';
import type { TargetPool } from './target-pool.js';

/** What adapters do besides chat, embeddings and ranking, by the names of their methods. */
export type MediaCapability = 'image' | 'speak' | 'transcribe' | 'moderate';

export type Capability = 'chat' | 'embed' | 'rerank' | MediaCapability;

/** Where the requests for a name may go, in what order, and how long they may take. */
export interface Route {
  /** In file order; at least one. */
  readonly candidates: readonly Candidate[];
  readonly strategy: RoutingStrategy;
  /** Where a request goes that is too long for a candidate's context window, in order of preference. */
  readonly contextFallback: readonly Candidate[];
  readonly timeouts: RouteTimeouts;
  /** Null for routes that send no request twice. */
  readonly hedging: Hedging | null;
  /** Null for routes whose streams end with an error when they break after content. */
  readonly continuation: ContinuationConfig | null;
}

/** The route of a name that is no alias, and what the name was resolved to. */
interface OtherRoute {
  readonly route: Route;
  readonly resolved: ResolvedRoute;
}

export interface RouteTableOptions {
  readonly resolver: ModelResolver;
  readonly pool: Pick<TargetPool, 'find'>;
  /** By `provider/model`. */
  readonly prices: GatewayConfig['prices'];
  readonly clock: Clock;
  /** Numbers from 0 up to 1, for strategies that draw. */
  readonly random: () => number;
}

interface CapabilityTraits {
  /** What the catalogue calls models that may have it; one that it does not know may have any. */
  readonly kinds: ReadonlySet<CatalogKind>;
  /** In words for the client. */
  readonly name: string;
}

const CAPABILITIES: Readonly<Record<Capability, CapabilityTraits>> = {
  // Who chats by another interface alone is told apart by its adapter.
  chat: { kinds: new Set(['chat', 'responses', 'completion']), name: 'a chat model' },
  embed: { kinds: new Set(['embedding']), name: 'an embedding model' },
  rerank: { kinds: new Set(['rerank', 'other']), name: 'a rerank model' },
  image: { kinds: new Set(['image', 'other']), name: 'a model that makes images' },
  speak: { kinds: new Set(['speech', 'other']), name: 'a model that speaks' },
  transcribe: { kinds: new Set(['transcription', 'other']), name: 'a model that writes down what it hears' },
  moderate: { kinds: new Set(['moderation', 'other']), name: 'a moderation model' },
};
/** Clients may think up any number of names: beyond this many the route that was found first is found anew. */
const MAX_OTHER_ROUTES = 500;
// All names that are no alias share their timers.
const PLAIN_TIMEOUTS = toRouteTimeouts({});

/** Finds the targets of a name that can do what is asked of them. */
export class RouteTable {
  readonly #resolver: ModelResolver;
  readonly #pool: RouteTableOptions['pool'];
  readonly #clock: Clock;
  readonly #prices: GatewayConfig['prices'];
  readonly #strategies: Readonly<Record<Routing, RoutingStrategy>>;
  readonly #aliases = byCapability(() => new Map<string, Route>());
  readonly #others = byCapability(() => new Map<string, OtherRoute>());

  constructor({ resolver, pool, prices, clock, random }: RouteTableOptions) {
    this.#resolver = resolver;
    this.#pool = pool;
    this.#prices = prices;
    this.#clock = clock;
    this.#strategies = createStrategies(random);
  }

  /** Throws `model_not_found`, or `unsupported_capability` when no target can do it. */
  find(name: string, capability: Capability): Route {
    const known = this.#aliases[capability].get(name) ?? this.#knownOther(name, capability);
    if (known) return known;
    const resolved = this.#resolver.resolve(name);
    const route = this.#build(resolved, capability);
    if (resolved.isAlias) this.#aliases[capability].set(name, route);
    else setBounded(this.#others[capability], name, { route, resolved }, MAX_OTHER_ROUTES);
    return route;
  }

  // The pool forgets targets that only clients named: a route must not keep one that is no longer there.
  #knownOther(name: string, capability: Capability): Route | null {
    const known = this.#others[capability].get(name);
    const isCurrent = known?.resolved.targets.every(
      (target, index) => this.#pool.find(target) === known.route.candidates[index]?.target,
    );
    return known && isCurrent ? known.route : null;
  }

  #build(resolved: ResolvedRoute, capability: Capability): Route {
    const candidates = this.#candidates(resolved.targets, capability);
    if (candidates.length > 0) {
      return {
        candidates,
        strategy: this.#strategies[resolved.routing],
        contextFallback: this.#candidates(resolved.contextFallback, capability),
        continuation: resolved.continuation,
        hedging: resolved.hedge && capability === 'chat' ? new Hedging(resolved.hedge, this.#clock) : null,
        timeouts: resolved.isAlias ? toRouteTimeouts(resolved.timeouts) : PLAIN_TIMEOUTS,
      };
    }
    throw new AppError(
      'unsupported_capability',
      `The model "${resolved.name}" is not ${CAPABILITIES[capability].name}. GET /v1/models lists what each model can do.`,
      { param: 'model' },
    );
  }

  #candidates(resolved: readonly ResolvedTarget[], capability: Capability): Candidate[] {
    const priced = resolved
      .map((entry) => ({ ...entry, target: this.#pool.find(entry) }))
      .filter(({ target }) => can(target, capability))
      .map(({ target, weight, tier }) => ({ target, weight, tier, prices: this.#priceTableOf(target) }));
    const tiers = tiersOf(priced);
    return priced.map((candidate, index) => ({ ...candidate, tier: tiers[index] ?? 'large' }));
  }

  #priceTableOf(target: Target): Candidate['prices'] {
    const name = `${target.provider.config.name}/${target.model}`;
    return priceTableOf(target, Object.hasOwn(this.#prices, name) ? this.#prices[name] : undefined);
  }
}

function byCapability<T>(create: () => T): Readonly<Record<Capability, T>> {
  return Object.fromEntries(Object.keys(CAPABILITIES).map((name) => [name, create()])) as Record<Capability, T>;
}

function can(target: Target, capability: Capability): boolean {
  if (!target.provider.adapter[capability]) return false;
  return target.catalogEntry === null || CAPABILITIES[capability].kinds.has(target.catalogEntry.kind);
}
