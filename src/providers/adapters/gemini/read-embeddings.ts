import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import { ProviderError } from '../../provider-error.js';
import type { EmbeddingCall } from './embedding-calls.js';
import { countOf } from './map-usage.js';

/** What one call gave: its vectors in the order of its texts, and its tokens, null where they were not reported. */
export interface EmbeddedTexts {
  vectors: Float32Array[];
  tokens: number | null;
}

/** The vectors of a reply. Throws `malformed` unless there is one for each text, every number finite. */
export function readEmbeddings(reply: unknown, { method, count }: EmbeddingCall): EmbeddedTexts {
  if (!isJsonObject(reply)) throw malformed('is no list of vectors');
  const { items, tokens } = method === 'predict' ? fromPredictions(reply) : fromEmbeddings(reply);
  if (items.length !== count) throw malformed('does not hold one vector for each input');
  return { vectors: items.map(toVector), tokens };
}

/**
 * Throws `malformed` unless all vectors have one length, the one asked for if any. Those that were shortened are brought
 * back to length one, which Gemini leaves to the client.
 */
export function finishVectors(vectors: readonly Float32Array[], dimensions: number | undefined): void {
  const length = dimensions ?? vectors[0]?.length ?? 0;
  if (length === 0 || vectors.some((vector) => vector.length !== length)) {
    throw malformed('holds vectors of the wrong length');
  }
  if (dimensions !== undefined) for (const vector of vectors) normalize(vector);
}

interface Items {
  items: readonly (JsonValue | undefined)[];
  tokens: number | null;
}

function fromEmbeddings({ embeddings, embedding, usageMetadata }: JsonObject): Items {
  const list = Array.isArray(embeddings) ? embeddings : [embedding];
  const tokens = isJsonObject(usageMetadata) ? countOf(usageMetadata.promptTokenCount) : null;
  return { items: list.map((item) => (isJsonObject(item) ? item.values : undefined)), tokens };
}

function fromPredictions({ predictions }: JsonObject): Items {
  const list = (Array.isArray(predictions) ? predictions : []).map((prediction) =>
    isJsonObject(prediction) && isJsonObject(prediction.embeddings) ? prediction.embeddings : {},
  );
  let tokens: number | null = 0;
  for (const { statistics } of list) {
    const count = isJsonObject(statistics) ? countOf(statistics.token_count) : null;
    tokens = tokens === null || count === null ? null : tokens + count;
  }
  return { items: list.map(({ values }) => values), tokens };
}

function toVector(values: JsonValue | undefined): Float32Array {
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'number')) {
    throw malformed('holds something that is no vector');
  }
  const vector = Float32Array.from(values);
  if (!vector.every((value) => Number.isFinite(value))) {
    throw malformed('holds a vector with a number that is not finite');
  }
  return vector;
}

function normalize(vector: Float32Array): void {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  if (length === 0 || !Number.isFinite(length)) return;
  for (let index = 0; index < vector.length; index += 1) vector[index] = (vector[index] ?? 0) / length;
}

function malformed(what: string): ProviderError {
  return new ProviderError('malformed', `The provider's answer ${what}.`);
}
