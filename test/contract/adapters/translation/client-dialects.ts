import type { ChatRequest } from '../../../../src/core/chat/chat-request.js';
import type { DialectName } from '../../../../src/core/chat/wire-object.js';
import type { JsonObject } from '../../../../src/core/json.js';
import { parseMessagesRequest } from '../../../../src/dialects/anthropic-messages/parse-messages-request.js';
import { parseNativeChat } from '../../../../src/dialects/native-chat/parse-native-chat.js';
import { openAiChatDialect } from '../../../../src/dialects/openai-chat/openai-chat-dialect.js';
import { parseCompletionRequest } from '../../../../src/dialects/openai-completions/parse-completion-request.js';
import { parseResponsesRequest } from '../../../../src/dialects/openai-responses/parse-responses-request.js';
import { withEarlierItems } from '../../../../src/dialects/openai-responses/with-earlier-items.js';

/** One wire format that clients write requests in. */
export interface ClientDialect {
  readonly name: Exclude<DialectName, 'openai-embeddings'>;
  readonly title: string;
  /** Where such requests go. */
  readonly route: string;
  /** Throws InvalidRequestError. */
  readonly parse: (body: JsonObject) => ChatRequest;
}

/** Every dialect that a chat can come in. */
export const CLIENT_DIALECTS: readonly ClientDialect[] = [
  {
    name: 'openai-chat',
    title: 'OpenAI Chat Completions',
    route: '/v1/chat/completions',
    parse: (body) => openAiChatDialect.parse(body),
  },
  {
    name: 'openai-responses',
    title: 'OpenAI Responses',
    route: '/v1/responses',
    parse: (body) => withEarlierItems(parseResponsesRequest(body), []),
  },
  {
    name: 'anthropic-messages',
    title: 'Anthropic Messages',
    route: '/v1/messages',
    parse: (body) => parseMessagesRequest(body),
  },
  {
    name: 'openai-completions',
    title: 'OpenAI Completions, the older API',
    route: '/v1/completions',
    parse: (body) => onlyOne(parseCompletionRequest(body).chats),
  },
  { name: 'native', title: 'Native chat', route: '/v1/chat', parse: (body) => parseNativeChat(body, false).chat },
];

function onlyOne(chats: readonly ChatRequest[]): ChatRequest {
  const [chat] = chats;
  if (!chat || chats.length > 1) throw new Error('The corpus asks one thing at a time.');
  return chat;
}
