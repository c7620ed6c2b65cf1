import { totalInputTokens } from '../../core/chat/token-usage.js';
import type { EmbeddingResult } from '../../core/embedding/embedding-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import type { EmbeddingEncoding } from './parse-embedding-request.js';

/**
 * An embeddings list in OpenAI's shape, its vectors in the encoding the client asked for. What the provider said in this
 * dialect comes along as it was: unknown members, and vectors that are in the right encoding already.
 */
export function renderEmbeddingResult(result: EmbeddingResult, encoding: EmbeddingEncoding): JsonObject {
  const reply =
    result.wire?.dialect === 'openai-embeddings' && isJsonObject(result.wire.value) ? result.wire.value : {};
  const items = itemsByIndex(reply.data);
  return {
    ...reply,
    object: 'list',
    data: result.vectors.map((vector, index) => {
      const item = items.get(index);
      return { ...item, object: 'embedding', index, embedding: toEmbedding(vector, item?.embedding, encoding) };
    }),
    model: result.model,
    usage: renderUsage(result, reply.usage),
  };
}

/** The vector as base64 of little-endian 32-bit floats, whatever the machine's own byte order is. */
export function toBase64(vector: Float32Array): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  vector.forEach((number, index) => bytes.writeFloatLE(number, index * 4));
  return bytes.toString('base64');
}

// Numbers are relayed as they were written: read as 32-bit floats and printed again they would grow digits.
function toEmbedding(vector: Float32Array, sent: JsonValue | undefined, encoding: EmbeddingEncoding): JsonValue {
  if (encoding === 'base64') return typeof sent === 'string' ? sent : toBase64(vector);
  return Array.isArray(sent) ? sent : Array.from(vector);
}

// A usage that was counted here replaces whatever the provider said.
function renderUsage({ usage }: EmbeddingResult, sent: JsonValue | undefined): JsonObject {
  const promptTokens = totalInputTokens(usage);
  const counted = { prompt_tokens: promptTokens, total_tokens: promptTokens };
  return usage.estimated !== true && isJsonObject(sent) ? { ...counted, ...sent } : counted;
}

function itemsByIndex(data: JsonValue | undefined): Map<number, JsonObject> {
  const items = new Map<number, JsonObject>();
  for (const [position, item] of (Array.isArray(data) ? data : []).entries()) {
    if (isJsonObject(item)) items.set(typeof item.index === 'number' ? item.index : position, item);
  }
  return items;
}
