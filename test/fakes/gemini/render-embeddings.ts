import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.js';
import { fakeVector } from '../openai/render-embeddings.js';
import { contentText, fakeTokens } from '../scripted-reply.js';

const DEFAULT_DIMENSIONS = 3072;

/** The body of an answer to `:batchEmbedContents`. */
export function renderBatchEmbeddings(body: JsonObject): JsonObject {
  const requests = Array.isArray(body.requests) ? body.requests.filter(isJsonObject) : [];
  return {
    embeddings: requests.map((request) => ({ values: vectorOf(textOf(request), request.outputDimensionality) })),
  };
}

/** The body of an answer to `:embedContent`. */
export function renderEmbedding(body: JsonObject): JsonObject {
  const text = textOf(body);
  return {
    embedding: { values: vectorOf(text, body.outputDimensionality) },
    usageMetadata: { promptTokenCount: fakeTokens(text).length },
  };
}

/** The body of an answer to `:predict`. */
export function renderPredictions(body: JsonObject): JsonObject {
  const instances = Array.isArray(body.instances) ? body.instances.filter(isJsonObject) : [];
  const dimensions = isJsonObject(body.parameters) ? body.parameters.outputDimensionality : undefined;
  return {
    predictions: instances.map(({ content }) => {
      const text = typeof content === 'string' ? content : '';
      const statistics = { truncated: false, token_count: fakeTokens(text).length };
      return { embeddings: { values: vectorOf(text, dimensions), statistics } };
    }),
  };
}

// Like the vendor's, a vector that was cut short is no unit vector any more.
function vectorOf(text: string, dimensions: JsonValue | undefined): number[] {
  const length = typeof dimensions === 'number' ? dimensions : DEFAULT_DIMENSIONS;
  const scale = length === DEFAULT_DIMENSIONS ? 1 : 0.5;
  return [...fakeVector(text, length)].map((value) => value * scale);
}

function textOf({ content }: JsonObject): string {
  return isJsonObject(content) ? contentText(content.parts) : '';
}
