import { totalInputTokens } from '../../core/chat/token-usage.js';
import type { EmbeddingResult } from '../../core/embedding/embedding-request.js';
import type { JsonObject } from '../../core/json.js';
import type { EmbeddingEncoding } from './parse-embedding-request.js';

/** An embeddings list in OpenAI's shape, its vectors in the encoding the client asked for. */
export function renderEmbeddingResult(result: EmbeddingResult, encoding: EmbeddingEncoding): JsonObject {
  const promptTokens = totalInputTokens(result.usage);
  return {
    object: 'list',
    data: result.vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding === 'base64' ? toBase64(vector) : Array.from(vector),
    })),
    model: result.model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  };
}

/** The vector as base64 of little-endian 32-bit floats, whatever the machine's own byte order is. */
export function toBase64(vector: Float32Array): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  vector.forEach((number, index) => bytes.writeFloatLE(number, index * 4));
  return bytes.toString('base64');
}
