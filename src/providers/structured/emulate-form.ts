import type { ChatMessage, ChatRequest, ToolDefinition } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';

const JSON_ONLY =
  'Your answer in text must be one valid JSON value and nothing else: no explanation before or after it, no code fence.';
const AS_CALL = 'Gives the answer. Call this with the whole of it.';
/** The name of the function whose arguments are the answer, where the client gave the form none. */
const UNNAMED = 'answer';

type Schemed = Extract<ChatRequest['responseFormat'], { type: 'json-schema' }>;

/** The name of the function whose arguments are the answer. */
export function answerToolName({ responseFormat }: ChatRequest): string {
  return responseFormat?.type === 'json-schema' ? responseFormat.name : UNNAMED;
}

/** The request for a target that enforces no form: without the form, and with the only function there is to be called. */
export function withAnswerTool(request: ChatRequest): ChatRequest {
  const { responseFormat, source, ...rest } = request;
  const { name, schema, description } = responseFormat as Schemed;
  const tool: ToolDefinition = { name, description: description ?? AS_CALL, parameters: schema };
  return {
    ...rest,
    tools: [tool],
    toolChoice: { type: 'tool', name },
    source: source && {
      ...source,
      body: {
        ...withoutFormat(source.body),
        tools: [{ type: 'function', function: { name, description: tool.description ?? '', parameters: schema } }],
        tool_choice: { type: 'function', function: { name } },
      },
    },
  };
}

/** The request for a target that enforces no form: without the form, which the system prompt asks for instead. */
export function withFormInstruction(request: ChatRequest): ChatRequest {
  const { responseFormat, source, messages, ...rest } = request;
  const text = instructionOf(responseFormat);
  const system: ChatMessage = { role: 'system', content: [{ type: 'text', text }] };
  return {
    ...rest,
    messages: insertAfterSystem(messages, system),
    source: source && { ...source, body: withSystemText(withoutFormat(source.body), text) },
  };
}

function instructionOf(format: ChatRequest['responseFormat']): string {
  if (format?.type !== 'json-schema') return `${JSON_ONLY} It must be a JSON object.`;
  const { schema, description } = format;
  const about = description === undefined ? '' : ` It is this: ${description}`;
  return `${JSON_ONLY}${about} It must match this JSON Schema: ${JSON.stringify(schema)}`;
}

function insertAfterSystem(messages: readonly ChatMessage[], system: ChatMessage): ChatMessage[] {
  const first = messages.findIndex(({ role }) => role !== 'system');
  const at = first < 0 ? messages.length : first;
  return [...messages.slice(0, at), system, ...messages.slice(at)];
}

function withoutFormat(body: JsonObject): JsonObject {
  const { response_format: _, ...rest } = body;
  return rest;
}

// The one dialect whose bodies are sent on as they came and that knows forms has its messages in this shape.
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
