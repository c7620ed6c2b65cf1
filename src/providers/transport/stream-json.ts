import { parseExactJson } from '../../core/exact-json.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { AttemptContext } from '../provider-adapter.js';
import { ProviderError } from '../provider-error.js';

const TOLERATED = 3;

/** Reads the data of a stream's events as JSON objects, and counts what cannot be read. */
export class StreamJson {
  readonly #attempt: Pick<AttemptContext, 'skipped'>;
  #skipped = 0;

  constructor(attempt: Pick<AttemptContext, 'skipped'>) {
    this.#attempt = attempt;
  }

  /** The object, or null when the event is to be skipped. Throws `malformed` at the fourth of those in one stream. */
  parse(data: string): JsonObject | null {
    try {
      const value = parseExactJson(data);
      if (isJsonObject(value)) return value;
    } catch {
      // Counted below, like JSON that is no object.
    }
    this.#attempt.skipped();
    this.#skipped += 1;
    if (this.#skipped <= TOLERATED) return null;
    throw new ProviderError('malformed', "Too many events of the provider's stream could not be read.");
  }
}
