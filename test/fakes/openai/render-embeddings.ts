import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../../src/core/json.js';
import { fakeTokens } from '../scripted-reply.js';

const DIMENSIONS: Record<string, number> = { 'text-embedding-3-large': 3072 };
const DEFAULT_DIMENSIONS = 1536;

/** The vector a fake gives for a text (or for token numbers): unit length, the same every time, unlike any other's. */
export function fakeVector(input: JsonValue | undefined, dimensions = DEFAULT_DIMENSIONS): Float32Array {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  const vector = new Float32Array(dimensions);
  for (let start = 0; start < dimensions; start += 8) {
    const digest = createHash('sha256')
      .update(`${String(start)}:${text}`)
      .digest();
    for (let offset = 0; offset < 8 && start + offset < dimensions; offset += 1) {
      vector[start + offset] = digest.readInt32LE(offset * 4) / 2 ** 31;
    }
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

/** The body of an answer to `POST /v1/embeddings`. */
export function renderEmbeddings(body: JsonObject, usageTokens: number | undefined): JsonObject {
  const model = typeof body.model === 'string' ? body.model : '';
  const dimensions = typeof body.dimensions === 'number' ? body.dimensions : (DIMENSIONS[model] ?? DEFAULT_DIMENSIONS);
  const inputs = inputsOf(body.input);
  const tokens = usageTokens ?? inputs.reduce<number>((sum, input) => sum + countOf(input), 0);
  return {
    object: 'list',
    data: inputs.map((input, index) => {
      const vector = fakeVector(input, dimensions);
      const encoded = body.encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector];
      return { object: 'embedding', index, embedding: encoded };
    }),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function inputsOf(input: JsonValue | undefined): JsonValue[] {
  if (!Array.isArray(input)) return [input ?? ''];
  return typeof input[0] === 'number' ? [input] : input;
}

function countOf(input: JsonValue): number {
  return Array.isArray(input) ? input.length : fakeTokens(typeof input === 'string' ? input : '').length;
}
