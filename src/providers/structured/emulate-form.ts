import type { ChatMessage, ChatRequest, ToolDefinition } from '../../core/chat/chat-request.js';
import { bodyWithInstruction, bodyWithTool } from './form-in-body.js';

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
    source: source && { ...source, body: bodyWithTool(source, tool) },
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
    source: source && { ...source, body: bodyWithInstruction(source, text) },
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
