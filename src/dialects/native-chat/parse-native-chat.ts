import type { ChatMessage, ChatRequest } from '../../core/chat/chat-request.js';
import { type ErrorDetail, InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { parseMessages } from '../openai-chat/parse-messages.js';
import { parseResponseFormat } from '../openai-chat/parse-response-format.js';
import { readTokenLimit } from '../openai-chat/parse-sampling.js';
import { parseTools } from '../openai-chat/parse-tools.js';
import { readNumber, readString, refuse, refuseMissing } from '../read-parameters.js';
import { type NativeOptions, parseNativeOptions } from './parse-native-options.js';

const KNOWN: ReadonlySet<string> = new Set([
  'message',
  'messages',
  'model',
  'system',
  'temperature',
  'max_tokens',
  'tools',
  'response_format',
  'conversation_id',
  'session_id',
  'store',
  'server_tools',
  'max_steps',
  'cache',
]);
const MAX_DETAILS = 50;

/** What a body of the native chat routes asks for. */
export interface NativeChatRequest extends NativeOptions {
  chat: ChatRequest;
}

/**
 * Reads a body of `/v1/chat`, `/v1/chat/stream` and of a WebSocket message. An absent model is the empty string: the service's
 * default. Throws InvalidRequestError; unknown parameters are refused, all at once.
 */
export function parseNativeChat(body: JsonObject, stream: boolean): NativeChatRequest {
  refuseUnknown(body);
  const tools = parseTools(body.tools, 'tools');
  if (tools?.unknownPaths[0] !== undefined) {
    const path = `${tools.unknownPaths[0]}.type`;
    refuse('invalid_value', path, `\`${path}\` must be function.`);
  }
  const chat: ChatRequest = {
    model: parseModel(body),
    messages: [...parseSystem(body), ...parseConversation(body)],
    stream,
    temperature: readNumber(body.temperature, 'temperature', { min: 0, max: 2 }),
    maxOutputTokens: readTokenLimit(body.max_tokens, 'max_tokens'),
    tools: tools?.definitions,
    responseFormat: parseResponseFormat(body.response_format, 'response_format'),
    source: { dialect: 'native', body },
  };
  return { chat, ...parseNativeOptions(body) };
}

function refuseUnknown(body: JsonObject): void {
  const details: ErrorDetail[] = Object.keys(body)
    .filter((key) => !KNOWN.has(key))
    .map((path) => ({ path, message: unknownMessage(path) }));
  const [first] = details;
  if (!first) return;
  throw new InvalidRequestError('unknown_parameter', first.message, {
    param: first.path,
    details: details.slice(0, MAX_DETAILS),
  });
}

function unknownMessage(key: string): string {
  if (key === 'stream') return '`stream` is not a parameter here. Use /v1/chat/stream for a stream.';
  return `\`${key.slice(0, 64)}\` is not a parameter of this route. Remove it.`;
}

function parseModel(body: JsonObject): string {
  const model = readString(body.model, 'model');
  if (model === '')
    return refuse('invalid_value', 'model', '`model` must not be empty. Leave it out for the default model.');
  return model ?? '';
}

function parseSystem(body: JsonObject): ChatMessage[] {
  const text = readString(body.system, 'system');
  return text === undefined || text === '' ? [] : [{ role: 'system', content: [{ type: 'text', text }] }];
}

function parseConversation(body: JsonObject): ChatMessage[] {
  const text = readString(body.message, 'message');
  const hasMessages = body.messages !== undefined && body.messages !== null;
  if (text === undefined)
    return hasMessages ? parseMessages(body.messages, 'messages', isContinued(body)) : refuseMissing('message');
  if (hasMessages) return refuse('invalid_value', 'message', 'Send either `message` or `messages`, not both.');
  if (text === '') return refuse('invalid_value', 'message', '`message` must not be empty.');
  return [{ role: 'user', content: [{ type: 'text', text }] }];
}

function isContinued({ conversation_id: id, session_id: alias }: JsonObject): boolean {
  return typeof id === 'string' || typeof alias === 'string';
}
