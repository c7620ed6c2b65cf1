import type { ChatMessage, ChatRequest, ToolChoice, ToolDefinition } from '../../core/chat/chat-request.js';
import { countEarlierMessages } from '../../core/chat/earlier-messages.js';
import type { ServerTool } from '../server-tool.js';

interface Step {
  readonly messages: ChatMessage[];
  /** Counted from 1. */
  readonly step: number;
  /** No tool that is run here may follow. */
  readonly isLast: boolean;
}

/** What the model is asked in one step: with the client's tools and ours, and in the last step with the client's alone. */
export function requestOfStep(
  request: ChatRequest,
  tools: ReadonlyMap<string, ServerTool>,
  { messages, step, isLast }: Step,
): ChatRequest {
  const own = request.tools ?? [];
  const ours = [...tools].map(([name, tool]) => toDefinition(name, tool));
  // The messages are not the body's any more.
  const { source: _, ...rest } = request;
  const next = { ...rest, messages, earlierMessages: countEarlierMessages(request) };
  if (!isLast) return { ...next, tools: [...own, ...ours], toolChoice: choiceOf(request.toolChoice, step) };
  if (own.length > 0) return { ...next, tools: own, toolChoice: choiceOf(request.toolChoice, step) };
  // Calls in the conversation need their tools, for most providers.
  return { ...next, tools: ours, toolChoice: { type: 'none' } };
}

// Who has to use a tool has done so: a model that had to again and again would never end.
function choiceOf(wanted: ToolChoice | undefined, step: number): ToolChoice | undefined {
  const isForced = wanted?.type === 'required' || wanted?.type === 'tool';
  return isForced && step > 1 ? { type: 'auto' } : wanted;
}

function toDefinition(name: string, { description, parameters }: ServerTool): ToolDefinition {
  return { name, description, parameters };
}
