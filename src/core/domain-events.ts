/** What the operator of this server has to see to at a provider. */
export type ProviderAlarmReason =
  'authentication' | 'permission' | 'quota-exhausted' | 'model-unavailable' | 'implausible-usage';

/** Facts that other features react to. Handlers run after the fact and cannot undo it. */
export type DomainEvent =
  | { type: 'index.succeeded'; projectId: string; jobId: string; documentId: string }
  | { type: 'index.failed'; projectId: string; jobId: string; documentId: string; code: string }
  | { type: 'provider.down'; provider: string; model: string }
  | { type: 'provider.alarm'; provider: string; model: string | null; reason: ProviderAlarmReason }
  | { type: 'provider.up'; provider: string; model: string };

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
