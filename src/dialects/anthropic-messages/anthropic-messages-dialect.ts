import type { JsonObject } from '../../core/json.js';
import type { ChatDialect } from '../dialect.js';
import { parseMessagesRequest } from './parse-messages-request.js';
import { renderAnthropicError, renderAnthropicErrorFrame } from './render-error.js';
import { renderMessage } from './render-message.js';
import { renderMessageStream } from './render-stream.js';

/** Anthropic's Messages, as `POST /v1/messages` speaks it. */
export const anthropicMessagesDialect: ChatDialect<JsonObject> = {
  parse: parseMessagesRequest,
  renderResult: renderMessage,
  renderStream: renderMessageStream,
  renderError: renderAnthropicError,
  renderErrorFrame: renderAnthropicErrorFrame,
};
