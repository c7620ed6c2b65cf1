import type { ChatRequest } from '../../../core/chat/chat-request.js';
import { isTokenPrompt } from '../../../core/chat/token-prompt.js';
import type { OpenAiApi } from '../../../config/gateway-config.js';

/** Why a request cannot be answered by way of a surface, in words for the client; null when it may. */
export function refusalAt(
  api: OpenAiApi,
  request: Pick<ChatRequest, 'choices' | 'source'>,
): { message: string; param: string } | null {
  const { choices = 1, source } = request;
  if (api === 'completions' && source?.dialect !== 'openai-completions') {
    return {
      message: 'The model only goes on with a text. Send it to POST /v1/completions, or name a chat model.',
      param: 'model',
    };
  }
  if (api !== 'completions' && isTokenPrompt(request)) {
    return { message: 'The model reads no token numbers. Send the prompt as a text.', param: 'prompt' };
  }
  if (api === 'responses' && choices > 1) {
    return { message: 'The model gives one choice. Set `n` to 1, or name another model.', param: 'n' };
  }
  return null;
}
