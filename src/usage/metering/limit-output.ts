import type { ChatRequest } from '../../core/chat/chat-request.js';
import { asNumber } from '../../core/exact-number.js';
import type { JsonObject } from '../../core/json.js';

const OPENAI_NAMES = ['max_completion_tokens', 'max_tokens'] as const;

/**
 * The request with the output limit that a budget is charged for: the client's, lowered with a warning to what the models
 * can write (`maxima`, null where nobody knows); where the client set none, `defaultTokens` or what every one of them can
 * write. The result always has a limit, and the provider gets it.
 */
export function limitOutput(
  request: ChatRequest,
  maxima: readonly (number | null)[],
  defaultTokens: number,
  warn: (message: string) => void,
): ChatRequest & { maxOutputTokens: number } {
  const { maxOutputTokens } = request;
  const known = maxima.filter((tokens) => tokens !== null);
  if (maxOutputTokens === undefined) return withLimit(request, Math.min(defaultTokens, ...known));
  const most = known.length === maxima.length ? Math.max(...known) : Infinity;
  if (maxOutputTokens > most) {
    warn(`The output limit was lowered to ${String(most)} tokens: the model writes no more.`);
    return withLimit(request, most);
  }
  return saysTwice(request) ? withLimit(request, maxOutputTokens) : { ...request, maxOutputTokens };
}

// A server that knows only one of the two names would heed that one, whichever it is.
function saysTwice({ source }: ChatRequest): boolean {
  return source?.dialect === 'openai-chat' && OPENAI_NAMES.every((name) => asNumber(source.body[name]) !== undefined);
}

function withLimit(request: ChatRequest, maxOutputTokens: number): ChatRequest & { maxOutputTokens: number } {
  const { source } = request;
  return {
    ...request,
    maxOutputTokens,
    ...(source && { source: { ...source, body: limitBody(source, maxOutputTokens) } }),
  };
}

// An adapter of the same dialect sends the body on, and not what was read from it.
function limitBody({ dialect, body }: NonNullable<ChatRequest['source']>, tokens: number): JsonObject {
  switch (dialect) {
    case 'openai-chat': {
      const { max_tokens: older, max_completion_tokens: newer, ...rest } = body;
      const isOlder = asNumber(older) !== undefined && asNumber(newer) === undefined;
      const name = isOlder ? 'max_tokens' : 'max_completion_tokens';
      return { ...rest, [name]: tokens };
    }
    case 'anthropic-messages':
    case 'openai-completions':
      return { ...body, max_tokens: tokens };
    case 'openai-responses':
      return { ...body, max_output_tokens: tokens };
    default:
      return body;
  }
}
