import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../../core/embedding/embedding-request.js';
import { isJsonObject, type JsonValue } from '../../../core/json.js';
import { ProviderError } from '../../provider-error.js';
import { mapUsage } from './map-usage.js';

/**
 * The vectors of an embeddings reply, in the order of the inputs. Throws `malformed` unless there is one for each input,
 * all of one length (the one asked for, if any), every number finite. A usage that is missing or absurd comes back empty
 * and marked as estimated; `onAbsurdUsage` hears of the latter.
 */
export function readEmbeddings(reply: unknown, request: EmbeddingRequest, onAbsurdUsage: () => void): EmbeddingResult {
  const data = isJsonObject(reply) ? reply.data : null;
  if (!isJsonObject(reply) || !Array.isArray(data) || data.length !== request.inputs.length) {
    throw malformed('does not hold one vector for each input');
  }
  const vectors = readVectors(data);
  checkLengths(vectors, request.dimensions);
  const usage = mapUsage(reply.usage);
  if (!usage && isJsonObject(reply.usage)) onAbsurdUsage();
  const result: EmbeddingResult = {
    model: typeof reply.model === 'string' ? reply.model : '',
    usage: usage ?? tokenUsage({ estimated: true }),
    vectors,
    warnings: [],
  };
  // Kept only for a client that can be given it: it is several times as large as the vectors.
  if (request.source?.dialect === 'openai-embeddings') result.wire = { dialect: 'openai-embeddings', value: reply };
  return result;
}

function readVectors(data: readonly JsonValue[]): Float32Array[] {
  const vectors: Float32Array[] = [];
  for (const [position, item] of data.entries()) {
    if (!isJsonObject(item)) throw malformed('holds something that is no vector');
    const index = typeof item.index === 'number' ? item.index : position;
    if (!Number.isInteger(index) || index < 0 || index >= data.length || vectors[index]) {
      throw malformed('numbers its vectors wrongly');
    }
    vectors[index] = toVector(item.embedding);
  }
  return vectors;
}

function toVector(embedding: JsonValue | undefined): Float32Array {
  const vector = typeof embedding === 'string' ? fromBase64(embedding) : fromNumbers(embedding);
  for (const value of vector) {
    if (!Number.isFinite(value)) throw malformed('holds a vector with a number that is not finite');
  }
  return vector;
}

function fromNumbers(embedding: JsonValue | undefined): Float32Array {
  if (!Array.isArray(embedding) || !embedding.every((value) => typeof value === 'number')) {
    throw malformed('holds something that is no vector');
  }
  return Float32Array.from(embedding);
}

// Little-endian by the wire's convention. The copy aligns the bytes, which a view on a pooled buffer may not be.
function fromBase64(embedding: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(embedding, 'base64'));
  if (bytes.byteLength % Float32Array.BYTES_PER_ELEMENT !== 0) throw malformed('holds a vector that is cut off');
  return new Float32Array(bytes.buffer);
}

function checkLengths(vectors: readonly Float32Array[], dimensions: number | undefined): void {
  const length = dimensions ?? vectors[0]?.length ?? 0;
  if (length === 0 || vectors.some((vector) => vector.length !== length)) {
    throw malformed('holds vectors of the wrong length');
  }
}

function malformed(what: string): ProviderError {
  return new ProviderError('malformed', `The provider's answer ${what}.`);
}
