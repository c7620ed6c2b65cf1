import type { FunctionDeclaration, Tool } from '@google/genai';
import type { ChatRequest, ToolChoice, ToolDefinition } from '../../../core/chat/chat-request.js';
import type { WireToolConfig } from './generate-body.js';

/** The functions on offer and how they may be used; empty when there are none. */
export function toGeminiTools(
  { tools = [], toolChoice, parallelToolCalls }: ChatRequest,
  warn: (message: string) => void,
): { tools?: Tool[]; toolConfig?: WireToolConfig } {
  if (tools.length === 0) return {};
  if (parallelToolCalls === false) {
    warn('`parallel_tool_calls: false` was dropped: Gemini may always call several functions at once.');
  }
  if (tools.some(({ strict }) => strict === true)) {
    warn('The `strict` of functions was dropped: Gemini has none.');
  }
  return { tools: [{ functionDeclarations: tools.map(toDeclaration) }], toolConfig: toConfig(toolChoice) };
}

// The field that takes JSON Schema as it is; `parameters` knows only a part of it.
function toDeclaration({ name, description, parameters }: ToolDefinition): FunctionDeclaration {
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parametersJsonSchema: { ...parameters, type: 'object' } }),
  };
}

function toConfig(choice: ToolChoice | undefined): WireToolConfig | undefined {
  switch (choice?.type) {
    case undefined:
      return undefined;
    case 'auto':
      return configOf('AUTO');
    case 'none':
      return configOf('NONE');
    case 'required':
      return configOf('ANY');
    case 'tool':
      return configOf('ANY', [choice.name]);
  }
}

function configOf(
  mode: WireToolConfig['functionCallingConfig']['mode'],
  allowedFunctionNames?: string[],
): WireToolConfig {
  return { functionCallingConfig: { mode, allowedFunctionNames } };
}
