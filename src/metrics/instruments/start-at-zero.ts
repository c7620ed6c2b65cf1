import { BUDGET_WINDOWS } from '../../core/principal.js';
import type { OverloadReason } from '../../core/telemetry/admission-telemetry.js';
import type { Instruments } from './instruments.js';

const OWNERS = ['key', 'project'];
const ALARMS = ['authentication', 'permission', 'quota-exhausted', 'model-unavailable', 'implausible-usage'];
const COOL_DOWNS = ['rate-limited', 'authentication', 'permission', 'quota-exhausted'];
const THRESHOLDS = ['50', '80', '95', '100'];
const OVERLOADS: OverloadReason[] = ['full', 'waited', 'event-loop', 'heap', 'memory', 'bodies'];
const LIMITS = ['requests', 'tokens', 'concurrency'];
const CACHE_OUTCOMES = ['hit', 'miss', 'shared', 'bypass'];
const IDEMPOTENCY_OUTCOMES = ['stored', 'replayed', 'error', 'too_large', 'in_flight', 'reused'];

/**
 * Shows what has not happened yet as 0 where the labels are few and known: Prometheus sees no increase in a series that
 * begins with 1, and the first alarm would be missed.
 */
export function startAtZero(instruments: Instruments, providers: readonly string[]): void {
  for (const provider of providers) {
    for (const reason of ALARMS) instruments.providers.alarms.inc({ provider, reason }, 0);
    for (const reason of COOL_DOWNS) instruments.providers.coolDowns.inc({ provider, reason }, 0);
    instruments.skippedEvents.inc({ provider }, 0);
  }
  for (const owner of OWNERS) {
    for (const kind of LIMITS) instruments.limits.refusals.inc({ owner, kind }, 0);
    for (const window of BUDGET_WINDOWS) {
      instruments.budgets.refusals.inc({ owner, window }, 0);
      for (const percent of THRESHOLDS) instruments.budgets.thresholds.inc({ owner, window, percent }, 0);
    }
  }
  startOutcomes(instruments);
}

function startOutcomes(instruments: Instruments): void {
  for (const cache of ['exact', 'semantic']) {
    for (const outcome of CACHE_OUTCOMES) instruments.caches.requests.inc({ cache, outcome }, 0);
  }
  for (const reason of OVERLOADS) instruments.admission.refusals.inc({ reason }, 0);
  for (const outcome of IDEMPOTENCY_OUTCOMES) instruments.idempotency.requests.inc({ outcome }, 0);
  for (const outcome of ['delivered', 'retried', 'failed']) instruments.work.deliveries.inc({ outcome }, 0);
  for (const outcome of ['succeeded', 'failed']) instruments.work.batchLines.inc({ outcome }, 0);
}
