import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import type { Tool, ToolChoice as AnthropicToolChoice } from '@anthropic-ai/sdk/resources/messages';
import type { ChatRequest, ToolChoice, ToolDefinition } from '../../../core/chat/chat-request.js';
import type { ModelTraits } from './model-traits.js';

type Warn = (message: string) => void;

export interface AnthropicTools {
  tools?: Tool[];
  tool_choice?: AnthropicToolChoice;
  /** What the model is told where it cannot be forced. */
  instruction?: string;
}

const EARLIER = 'A function that was called earlier in this conversation and cannot be called any more.';
const NOT_AT_THE_TOP = ['anyOf', 'oneOf', 'allOf'];

/**
 * The functions on offer and how they may be used; empty when there are none. The API refuses a conversation with calls
 * when nothing is on offer, so that what was called then is declared again, not to be called.
 */
export function toAnthropicTools(request: ChatRequest, traits: ModelTraits, warn: Warn): AnthropicTools {
  const { tools = [], toolChoice, parallelToolCalls } = request;
  if (tools.length === 0) return earlierTools(request.messages);
  const translated = tools.map((tool) => toTool(tool, traits, warn));
  if (!traits.takesForcedTools && (toolChoice?.type === 'required' || toolChoice?.type === 'tool')) {
    warn('The model cannot be forced to call a tool: it was told to.');
    return {
      tools: translated,
      tool_choice: toChoice({ type: 'auto' }, parallelToolCalls === false),
      instruction: toInstruction(toolChoice),
    };
  }
  const tool_choice = toChoice(toolChoice, parallelToolCalls === false);
  return { tools: translated, ...(tool_choice && { tool_choice }) };
}

function earlierTools(messages: ChatRequest['messages']): AnthropicTools {
  const names = new Set<string>();
  for (const { role, content } of messages) {
    if (role !== 'assistant') continue;
    for (const part of content) if (part.type === 'tool-call') names.add(part.name);
  }
  if (names.size === 0) return {};
  const tools = [...names].map((name): Tool => ({ name, description: EARLIER, input_schema: { type: 'object' } }));
  return { tools, tool_choice: { type: 'none' } };
}

function toTool({ name, description, parameters, strict }: ToolDefinition, traits: ModelTraits, warn: Warn): Tool {
  const schema = strict === true ? toStrictSchema(name, parameters ?? {}, traits, warn) : null;
  return {
    name,
    ...(description !== undefined && { description }),
    input_schema: schema ?? toLooseSchema(name, parameters ?? {}, warn),
    ...(schema && { strict: true }),
  };
}

function toStrictSchema(name: string, parameters: object, traits: ModelTraits, warn: Warn): Tool.InputSchema | null {
  try {
    if (traits.takesSchemas) return { ...transformJSONSchema({ ...parameters, type: 'object' }), type: 'object' };
  } catch {
    // Said below, as for a model that enforces none.
  }
  warn(`The arguments of \`${name}\` are not enforced: the model cannot enforce a schema of this kind.`);
  return null;
}

function toLooseSchema(name: string, parameters: object, warn: Warn): Tool.InputSchema {
  const schema: Tool.InputSchema = { ...parameters, type: 'object' };
  const refused = NOT_AT_THE_TOP.filter((key) => key in schema);
  if (refused.length === 0) return schema;
  warn(`Alternatives at the top of the parameters of \`${name}\` were dropped: Anthropic takes none there.`);
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !refused.includes(key))) as Tool.InputSchema;
}

function toInstruction(choice: ToolChoice): string {
  const tool = choice.type === 'tool' ? `the tool \`${choice.name}\`` : 'one of the tools';
  return `Answer by calling ${tool}, and with nothing else.`;
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
