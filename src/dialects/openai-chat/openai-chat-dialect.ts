import type { JsonObject } from '../../core/json.js';
import type { ChatDialect } from '../dialect.js';
import { parseChatRequest } from './parse-chat-request.js';
import { renderOpenAiError, renderOpenAiErrorFrame } from './render-error.js';
import { renderChatResult } from './render-result.js';
import { renderChatStream } from './render-stream.js';

/** OpenAI's Chat Completions, as `POST /v1/chat/completions` speaks it. */
export const openAiChatDialect: ChatDialect<JsonObject> = {
  parse: parseChatRequest,
  renderResult: renderChatResult,
  renderStream: renderChatStream,
  renderError: renderOpenAiError,
  renderErrorFrame: renderOpenAiErrorFrame,
};
