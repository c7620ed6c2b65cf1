import type { ChatCompletionFunctionTool, ChatCompletionToolChoiceOption } from 'openai/resources/chat/completions';
import type { ResponseFormatJSONObject, ResponseFormatJSONSchema, ResponseFormatText } from 'openai/resources/shared';
import type { ResponseFormat, ToolChoice, ToolDefinition } from '../../../core/chat/chat-request.js';

/** The functions on offer, in OpenAI's words. */
export function toOpenAiTools(tools: readonly ToolDefinition[]): ChatCompletionFunctionTool[] {
  return tools.map(({ name, description, parameters, strict }) => ({
    type: 'function',
    function: { name, description, parameters, strict },
  }));
}

/** Which function is to be called, in OpenAI's words. */
export function toOpenAiToolChoice(choice: ToolChoice): ChatCompletionToolChoiceOption {
  return choice.type === 'tool' ? { type: 'function', function: { name: choice.name } } : choice.type;
}

/** The form of the answer, in OpenAI's words. */
export function toOpenAiResponseFormat(
  format: ResponseFormat,
): ResponseFormatText | ResponseFormatJSONObject | ResponseFormatJSONSchema {
  switch (format.type) {
    case 'text':
      return { type: 'text' };
    case 'json-object':
      return { type: 'json_object' };
    case 'json-schema': {
      const { name, schema, description, strict } = format;
      return { type: 'json_schema', json_schema: { name, schema, description, strict } };
    }
  }
}
