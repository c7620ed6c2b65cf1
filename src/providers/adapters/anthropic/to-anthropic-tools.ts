import type { Tool, ToolChoice as AnthropicToolChoice } from '@anthropic-ai/sdk/resources/messages';
import type { ChatRequest, ToolChoice, ToolDefinition } from '../../../core/chat/chat-request.js';

/** The functions on offer and how they may be used; empty when there are none. */
export function toAnthropicTools(request: ChatRequest): { tools?: Tool[]; tool_choice?: AnthropicToolChoice } {
  const { tools = [], toolChoice, parallelToolCalls } = request;
  if (tools.length === 0) return {};
  return { tools: tools.map(toTool), tool_choice: toChoice(toolChoice, parallelToolCalls === false) };
}

function toTool({ name, description, parameters, strict }: ToolDefinition): Tool {
  return {
    name,
    ...(description !== undefined && { description }),
    input_schema: { ...parameters, type: 'object' },
    ...(strict === true && { strict }),
  };
}

function toChoice(choice: ToolChoice | undefined, isSerial: boolean): AnthropicToolChoice | undefined {
  const serial = isSerial ? { disable_parallel_tool_use: true } : {};
  switch (choice?.type) {
    case undefined:
      return isSerial ? { type: 'auto', ...serial } : undefined;
    case 'none':
      return { type: 'none' };
    case 'auto':
      return { type: 'auto', ...serial };
    case 'required':
      return { type: 'any', ...serial };
    case 'tool':
      return { type: 'tool', name: choice.name, ...serial };
  }
}
