import type { BudgetWindow } from './principal.js';

/** What the operator of this server has to see to at a provider. */
export type ProviderAlarmReason =
  'authentication' | 'permission' | 'quota-exhausted' | 'model-unavailable' | 'implausible-usage';

/** A budget of which a share was spent for the first time in its window. */
export interface BudgetThreshold {
  budgetId: string;
  projectId: string;
  /** Null for a budget of the whole project. */
  keyId: string | null;
  window: BudgetWindow;
  /** ISO 8601. */
  periodStart: string;
  percent: number;
  /** USD, as decimal strings. */
  amountUsd: string;
  spentUsd: string;
}

/** Facts that other features react to. Handlers run after the fact and cannot undo it. */
export type DomainEvent =
  | { type: 'provider.down'; provider: string; model: string }
  | { type: 'provider.alarm'; provider: string; model: string | null; reason: ProviderAlarmReason }
  | { type: 'provider.up'; provider: string; model: string }
  | ({ type: 'budget.threshold_reached' } & BudgetThreshold);

type Handler = (event: DomainEvent) => void;

/** In-process announcements; a handler that throws harms neither the announcer nor the other handlers. */
export class DomainEvents {
  readonly #handlers = new Set<Handler>();

  /** Calls `handler` for every event from now on; the returned function ends that. */
  subscribe(handler: Handler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  emit(event: DomainEvent): void {
    for (const handler of this.#handlers) {
      try {
        handler(event);
      } catch {
        // The announcer must not fail because a listener did.
      }
    }
  }
}
