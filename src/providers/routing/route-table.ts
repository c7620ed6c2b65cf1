import { AppError } from '../../core/errors/app-error.js';
import type { Target } from '../resilience/target.js';
import type { ModelResolver, ResolvedRoute } from './model-resolver.js';
import { type RouteTimeouts, toRouteTimeouts } from './route-timeouts.js';
import type { TargetPool } from './target-pool.js';

export type Capability = 'chat' | 'embed';

/** Where the requests for a name may go, and how long they may take. */
export interface Route {
  readonly targets: readonly Target[];
  readonly timeouts: RouteTimeouts;
}

const CATALOGUE_KINDS = { chat: 'chat', embed: 'embedding' } as const;
const DESCRIPTIONS = { chat: 'a chat model', embed: 'an embedding model' } as const;

/** Finds the targets of a name that can do what is asked of them. */
export class RouteTable {
  readonly #resolver: ModelResolver;
  readonly #pool: TargetPool;
  readonly #timeouts = new WeakMap<ResolvedRoute['timeouts'], RouteTimeouts>();

  constructor(resolver: ModelResolver, pool: TargetPool) {
    this.#resolver = resolver;
    this.#pool = pool;
  }

  /** Throws `model_not_found`, or `unsupported_capability` when no target can do it. */
  find(name: string, capability: Capability): Route {
    const resolved = this.#resolver.resolve(name);
    const targets = resolved.targets
      .map((target) => this.#pool.find(target))
      .filter((target) => can(target, capability));
    if (targets.length > 0) return { targets, timeouts: this.#timeoutsOf(resolved) };
    throw new AppError(
      'unsupported_capability',
      `The model "${name}" is not ${DESCRIPTIONS[capability]}. GET /v1/models lists what each model can do.`,
      { param: 'model' },
    );
  }

  #timeoutsOf({ timeouts }: ResolvedRoute): RouteTimeouts {
    let merged = this.#timeouts.get(timeouts);
    if (!merged) {
      merged = toRouteTimeouts(timeouts);
      this.#timeouts.set(timeouts, merged);
    }
    return merged;
  }
}

function can(target: Target, capability: Capability): boolean {
  if (!target.provider.adapter[capability]) return false;
  return target.catalogEntry === null || target.catalogEntry.kind === CATALOGUE_KINDS[capability];
}
