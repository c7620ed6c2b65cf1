import type { ResponseFormat, ToolChoice, ToolDefinition } from '../../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../../core/json.js';

/** The functions on offer, in the words of OpenAI's Responses, where a function is strict unless it says otherwise. */
export function toResponsesTools(tools: readonly ToolDefinition[]): JsonObject[] {
  return tools.map(({ name, description, parameters, strict = false }) => ({
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    parameters: parameters ?? { type: 'object', properties: {} },
    strict,
  }));
}

/** Which function is to be called, in the same words. */
export function toResponsesToolChoice(choice: ToolChoice): JsonObject | string {
  return choice.type === 'tool' ? { type: 'function', name: choice.name } : choice.type;
}

/** The form of the answer, in the same words. */
export function toTextFormat(format: ResponseFormat): JsonObject {
  switch (format.type) {
    case 'text':
      return { type: 'text' };
    case 'json-object':
      return { type: 'json_object' };
    case 'json-schema': {
      const { name, schema, description, strict } = format;
      return { type: 'json_schema', name, schema, description, strict };
    }
  }
}
