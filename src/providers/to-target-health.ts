import type { TargetHealth, TargetState } from './model-info.js';
import type { Target } from './resilience/target.js';

/** A share of failures that is worth a look, and how many requests must have ended before it means anything. */
const NOTABLE_ERROR_RATE = 0.1;
const LEAST_REQUESTS = 10;

type Signs = Pick<TargetHealth, 'breaker' | 'coolDown' | 'credentials' | 'load'> & { readonly isSuspect: boolean };

/** How a target does, as administrators see it. */
export function toTargetHealth(target: Target): TargetHealth {
  const { breaker, model, load } = target;
  const { config, credentials, limiter } = target.provider;
  const signs = {
    breaker: breaker.state,
    coolDown: credentials.blockage(model),
    credentials: { total: credentials.size, usable: credentials.countUsable(model) },
    load: load.snapshot(),
  };
  return {
    ...signs,
    provider: config.name,
    model,
    state: stateOf({ ...signs, isSuspect: target.isSuspect() }),
    retryAfterMs: breaker.retryAfterMs(),
    lastError: target.lastErrors[0] ?? null,
    lastErrors: [...target.lastErrors],
    consecutiveFailures: target.consecutiveFailures,
    coolDowns: credentials.blocks(model),
    limits: limiter?.snapshot() ?? null,
  };
}

function stateOf({ breaker, coolDown, credentials, load, isSuspect }: Signs): TargetState {
  if (breaker !== 'closed') return 'sick';
  if (coolDown) return coolDown.reason === 'rate-limited' ? 'paused' : 'sick';
  const failsOften = load.requests >= LEAST_REQUESTS && load.errorRate >= NOTABLE_ERROR_RATE;
  return failsOften || isSuspect || credentials.usable < credentials.total ? 'degraded' : 'healthy';
}
