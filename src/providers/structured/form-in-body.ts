import type { ChatRequest, ToolDefinition } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';

type Source = NonNullable<ChatRequest['source']>;

// An adapter of the same dialect sends the body on, and not what was read from it. Of the dialects whose bodies are sent on
// as they came, these two know forms; all others have nothing to take out.

/** The body with a function to be called in the place of the form, and with no other. */
export function bodyWithTool(
  { dialect, body }: Source,
  { name, description = '', parameters }: ToolDefinition,
): JsonObject {
  if (dialect === 'openai-responses') {
    const tool = { type: 'function', name, description, parameters, strict: false };
    return { ...withoutFormat(dialect, body), tools: [tool], tool_choice: { type: 'function', name } };
  }
  return {
    ...withoutFormat(dialect, body),
    tools: [{ type: 'function', function: { name, description, parameters } }],
    tool_choice: { type: 'function', function: { name } },
  };
}

/** The body with an instruction in the place of the form. */
export function bodyWithInstruction({ dialect, body }: Source, text: string): JsonObject {
  const plain = withoutFormat(dialect, body);
  if (dialect === 'openai-responses') {
    const { instructions } = plain;
    const before = typeof instructions === 'string' && instructions !== '' ? `${instructions}\n\n` : '';
    return { ...plain, instructions: before + text };
  }
  return withSystemText(plain, text);
}

function withoutFormat(dialect: Source['dialect'], body: JsonObject): JsonObject {
  if (dialect !== 'openai-responses') {
    const { response_format: _, ...rest } = body;
    return rest;
  }
  const { text, ...rest } = body;
  if (!isJsonObject(text)) return rest;
  const { format: _, ...others } = text;
  return Object.keys(others).length === 0 ? rest : { ...rest, text: others };
}

function withSystemText(body: JsonObject, text: string): JsonObject {
  const { messages } = body;
  if (!Array.isArray(messages)) return body;
  const first = messages.findIndex((message: JsonValue) => !isInstruction(message));
  const at = first < 0 ? messages.length : first;
  return { ...body, messages: [...messages.slice(0, at), { role: 'system', content: text }, ...messages.slice(at)] };
}

function isInstruction(message: JsonValue): boolean {
  return isJsonObject(message) && (message.role === 'system' || message.role === 'developer');
}
