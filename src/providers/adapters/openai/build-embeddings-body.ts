import type { EmbeddingRequest } from '../../../core/embedding/embedding-request.js';
import type { JsonObject } from '../../../core/json.js';
import type { OpenAiFlavour } from './build-chat-body.js';

/**
 * The body of an embeddings request. OpenAI is asked for base64, which is a third of the bytes and of the time to read;
 * compatible servers only where the client asked, because not all of them know it.
 */
export function buildEmbeddingsBody(model: string, request: EmbeddingRequest, flavour: OpenAiFlavour): JsonObject {
  const { source, inputs, dimensions, user } = request;
  const isSource = source?.dialect === 'openai-embeddings';
  const isBase64 = flavour === 'openai' || (isSource && source.body.encoding_format === 'base64');
  const body: JsonObject = isSource ? source.body : { input: inputs, dimensions, user };
  return { ...body, model, encoding_format: isBase64 ? 'base64' : 'float' };
}
