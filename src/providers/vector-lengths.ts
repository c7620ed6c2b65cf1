import type { EmbeddingRequest, EmbeddingResult } from '../core/embedding/embedding-request.js';
import { ProviderError } from './provider-error.js';
import type { Target } from './resilience/target.js';

/**
 * Holds the vectors of an answer against the length that the model's name stands for: the catalogue's, or that of the
 * first answer under this name. A target that gives others has changed its model, and its vectors agree with no others.
 */
export class VectorLengths {
  readonly #learned = new Map<string, number>();

  /** Throws `malformed`. A length that the client asked for is the adapter's to check. */
  check({ model: name, dimensions }: EmbeddingRequest, target: Target, { vectors }: EmbeddingResult): void {
    const length = vectors[0]?.length;
    if (dimensions !== undefined || length === undefined) return;
    const expected = target.catalogEntry?.dimensions ?? this.#learned.get(name);
    if (expected !== undefined && expected !== length) {
      const message = `The provider's answer holds vectors of ${String(length)} numbers in place of ${String(expected)}.`;
      throw new ProviderError('malformed', message);
    }
    // Only names of the models file are remembered: clients may think up any number of others.
    if (target.isConfigured) this.#learned.set(name, length);
  }
}
