import type { EmbeddingRequest } from '../../../core/embedding/embedding-request.js';
import type { JsonObject } from '../../../core/json.js';
import { ProviderError } from '../../provider-error.js';

/** One request to the provider, for some of the texts. */
export interface EmbeddingCall {
  readonly method: 'batchEmbedContents' | 'embedContent' | 'predict';
  readonly body: JsonObject;
  /** How many vectors it must give. */
  readonly count: number;
}

const MOST_TEXTS_AT_ONCE = 100;
const TASKS = { query: 'RETRIEVAL_QUERY', document: 'RETRIEVAL_DOCUMENT' } as const;

/**
 * The requests that embed all texts, in their order. The Gemini API takes a hundred of them at once, Vertex AI as many for
 * its own models and one for Gemini's. Throws `invalid-request` for token numbers.
 */
export function embeddingCalls(model: string, request: EmbeddingRequest, isVertex: boolean): EmbeddingCall[] {
  const texts = textsOf(request);
  if (!isVertex) return inChunks(texts, MOST_TEXTS_AT_ONCE).map((chunk) => batchCall(model, chunk, request));
  if (isContentModel(model)) return texts.map((text) => contentCall(model, text, request));
  const size = model.includes('gemini') ? 1 : MOST_TEXTS_AT_ONCE;
  return inChunks(texts, size).map((chunk) => predictCall(chunk, request));
}

function batchCall(model: string, texts: readonly string[], request: EmbeddingRequest): EmbeddingCall {
  const requests = texts.map((text) => ({ model: `models/${model}`, ...contentBody(model, text, request) }));
  return { method: 'batchEmbedContents', body: { requests }, count: texts.length };
}

function contentCall(model: string, text: string, request: EmbeddingRequest): EmbeddingCall {
  return { method: 'embedContent', body: contentBody(model, text, request), count: 1 };
}

function contentBody(model: string, text: string, request: EmbeddingRequest): JsonObject {
  return {
    content: { parts: [{ text }] },
    outputDimensionality: request.dimensions,
    taskType: takesTask(model) ? taskOf(request) : undefined,
  };
}

function predictCall(texts: readonly string[], request: EmbeddingRequest): EmbeddingCall {
  const instances = texts.map((content) => ({ content, task_type: taskOf(request) }));
  // A text that is too long is the client's to know of.
  const parameters = { autoTruncate: false, outputDimensionality: request.dimensions };
  return { method: 'predict', body: { instances, parameters }, count: texts.length };
}

function textsOf({ inputs }: EmbeddingRequest): string[] {
  return inputs.map((input) => {
    if (typeof input === 'string') return input;
    throw new ProviderError('invalid-request', 'Gemini embeds texts only. Send texts in place of token numbers.', {
      param: 'input',
    });
  });
}

function taskOf({ purpose }: EmbeddingRequest): string | undefined {
  return purpose && TASKS[purpose];
}

// From the second generation on a task is words in the text, which are the client's own.
function takesTask(model: string): boolean {
  return !isContentModel(model);
}

// The models that Vertex AI serves by `:embedContent`.
function isContentModel(model: string): boolean {
  return /gemini-embedding-(?!001)/.test(model);
}

function inChunks(texts: readonly string[], size: number): string[][] {
  const chunks: string[][] = [];
  for (let start = 0; start < texts.length; start += size) chunks.push(texts.slice(start, start + size));
  return chunks;
}
