import type { EmbeddingRequest } from '../../../core/embedding/embedding-request.js';
import type { JsonObject } from '../../../core/json.js';
import type { ServerTraits } from './server-traits.js';
import { withoutReserved } from './without-reserved.js';

/**
 * The body of an embeddings request. One that came in this dialect goes on as it came, encoding included, so that the
 * reply can be relayed. Of itself the gateway asks OpenAI for base64, which is a third of the bytes and of the time to
 * read, and compatible servers for numbers, because not all of them know anything else.
 */
export function buildEmbeddingsBody(
  model: string,
  request: EmbeddingRequest,
  { isStrict }: Pick<ServerTraits, 'isStrict'>,
  warn: (message: string) => void,
): JsonObject {
  const { source, inputs, dimensions, user } = request;
  if (source?.dialect === 'openai-embeddings') {
    // Named even where the client left it out: the official client asks for base64 when nobody says.
    return { ...withoutReserved(source.body, warn), model, encoding_format: source.body.encoding_format ?? 'float' };
  }
  return { input: inputs, dimensions, user, model, encoding_format: isStrict ? 'base64' : 'float' };
}
