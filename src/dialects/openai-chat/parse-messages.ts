import type {
  AssistantPart,
  ChatMessage,
  RefusalPart,
  TextPart,
  ToolCallPart,
  UserPart,
} from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import {
  readArray,
  readString,
  refuse,
  refuseMissing,
  refuseType,
  requireObject,
  requireString,
} from '../read-parameters.js';
import { checkToolSequence } from './check-tool-sequence.js';
import { parseContent } from './parse-content.js';

const MAX_MESSAGES = 10_000;
const MAX_IMAGES = 500;
const MAX_CALLS = 512;
const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];
const USER_PARTS = ['text', 'image_url', 'input_audio', 'file'];

type MessageParser = (message: JsonObject, path: string) => ChatMessage;

const PARSERS: Readonly<Record<string, MessageParser>> = {
  system: parseSystem,
  developer: parseSystem,
  user: parseUser,
  assistant: parseAssistant,
  tool: parseTool,
  function: parseFunction,
};

/**
 * The messages of a request: at least one, at most 10,000, every tool result after its call. Those that go on with a stored
 * conversation (`isContinued`) may begin with results of calls in it.
 */
export function parseMessages(value: JsonValue | undefined, path: string, isContinued = false): ChatMessage[] {
  if (value === undefined || value === null) return refuseMissing(path);
  const list = readArray(value, path, MAX_MESSAGES) ?? [];
  if (list.length === 0) return refuse('invalid_value', path, `\`${path}\` must hold at least one message.`);
  const messages = list.map((message, index) => parseMessage(message, `${path}[${String(index)}]`));
  checkImages(messages, path);
  checkToolSequence(messages, path, isContinued);
  return messages;
}

function parseMessage(message: JsonValue, path: string): ChatMessage {
  if (!isJsonObject(message)) return refuseType(path, 'an object', message);
  const role = requireString(message.role, `${path}.role`);
  const parse = Object.hasOwn(PARSERS, role) ? PARSERS[role] : undefined;
  if (!parse) return refuse('invalid_value', `${path}.role`, `\`${path}.role\` must be one of ${ROLES.join(', ')}.`);
  return parse(message, path);
}

function parseSystem(message: JsonObject, path: string): ChatMessage {
  const content = parseContent<TextPart>(message.content, `${path}.content`, ['text']);
  return { role: 'system', content, name: readString(message.name, `${path}.name`) };
}

function parseUser(message: JsonObject, path: string): ChatMessage {
  const content = parseContent<UserPart>(message.content, `${path}.content`, USER_PARTS);
  return { role: 'user', content, name: readString(message.name, `${path}.name`) };
}

function parseTool(message: JsonObject, path: string): ChatMessage {
  const toolCallId = requireString(message.tool_call_id, `${path}.tool_call_id`);
  return {
    role: 'tool',
    toolCallId,
    content: parseContent<TextPart>(message.content, `${path}.content`, ['text', 'image_url']),
  };
}

// The older form of a tool result: it names the function and not the call, of which there can be only one.
function parseFunction(message: JsonObject, path: string): ChatMessage {
  const name = requireString(message.name, `${path}.name`);
  const content = readString(message.content, `${path}.content`) ?? '';
  return { role: 'tool', toolCallId: functionCallId(name), content: [{ type: 'text', text: content }] };
}

function parseAssistant(message: JsonObject, path: string): ChatMessage {
  const refusal = readString(message.refusal, `${path}.refusal`);
  const calls = [...parseToolCalls(message.tool_calls, `${path}.tool_calls`), ...parseFunctionCall(message, path)];
  const isContentOptional = calls.length > 0 || refusal !== undefined || isJsonObject(message.audio);
  const content: AssistantPart[] =
    isContentOptional && (message.content === undefined || message.content === null)
      ? []
      : parseContent<TextPart | RefusalPart>(message.content, `${path}.content`, ['text', 'refusal']);
  if (refusal !== undefined) content.push({ type: 'refusal', text: refusal });
  return { role: 'assistant', content: [...content, ...calls], name: readString(message.name, `${path}.name`) };
}

function parseToolCalls(value: JsonValue | undefined, path: string): ToolCallPart[] {
  const calls = readArray(value, path, MAX_CALLS) ?? [];
  return calls.map((call, index) => parseToolCall(call, `${path}[${String(index)}]`));
}

function parseToolCall(call: JsonValue, path: string): ToolCallPart {
  if (!isJsonObject(call)) return refuseType(path, 'an object', call);
  const id = requireString(call.id, `${path}.id`);
  if (call.type === 'custom') {
    const custom = requireObject(call.custom, `${path}.custom`);
    const input = requireString(custom.input, `${path}.custom.input`);
    const name = requireString(custom.name, `${path}.custom.name`);
    return { type: 'tool-call', id, name, arguments: JSON.stringify({ input }) };
  }
  if (call.type !== undefined && call.type !== 'function') {
    return refuse('invalid_value', `${path}.type`, `\`${path}.type\` must be function or custom.`);
  }
  return { type: 'tool-call', id, ...parseCalledFunction(call.function, `${path}.function`) };
}

function parseFunctionCall(message: JsonObject, path: string): ToolCallPart[] {
  if (message.function_call === undefined || message.function_call === null) return [];
  const called = parseCalledFunction(message.function_call, `${path}.function_call`);
  return [{ type: 'tool-call', id: functionCallId(called.name), ...called }];
}

function parseCalledFunction(value: JsonValue | undefined, path: string): { name: string; arguments: string } {
  const called = requireObject(value, path);
  return {
    name: requireString(called.name, `${path}.name`),
    arguments: requireString(called.arguments, `${path}.arguments`),
  };
}

function functionCallId(name: string): string {
  return `function_${name}`;
}

function checkImages(messages: readonly ChatMessage[], path: string): void {
  let images = 0;
  for (const { content } of messages) {
    for (const part of content) if (part.type === 'image') images++;
  }
  if (images <= MAX_IMAGES) return;
  const message = `The messages hold ${String(images)} images; at most ${String(MAX_IMAGES)} are possible.`;
  refuse('array_too_long', path, message);
}
