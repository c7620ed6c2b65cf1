import type { ChatRequest } from '../../../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject } from '../../../../core/json.js';
import type { ServerTraits } from '../server-traits.js';
import { withoutReserved } from '../without-reserved.js';

/**
 * The body of a legacy completion: as it came, with only model, stream and the usage option replaced, and without what is the
 * gateway's to say. Nothing else than this dialect is ever sent there.
 */
export function buildCompletionsBody(
  model: string,
  { source, stream }: ChatRequest,
  { takesStreamOptions }: Pick<ServerTraits, 'takesStreamOptions'>,
  warn: (message: string) => void,
): JsonObject {
  const { stream_options: options, ...body } = withoutReserved(source?.body ?? {}, warn);
  if (!stream || !takesStreamOptions) return { ...body, model, stream };
  return { ...body, model, stream, stream_options: { ...(isJsonObject(options) && options), include_usage: true } };
}
