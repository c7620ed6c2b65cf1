import type { AssistantPart, ChatMessage, ReasoningPart, ToolCallPart } from '../../core/chat/chat-request.js';
import type { Thought, ToolCallState } from './tool-call-state.js';

type Messages = readonly ChatMessage[];
type StateOf = (callId: string) => ToolCallState | null | undefined;

/**
 * The calls of a message that came back without what a provider signed; none when the client kept it. Of Anthropic only
 * thinking is signed; a client that kept thinking of others may still have dropped what their calls bore.
 */
export function bareCalls(message: ChatMessage): readonly ToolCallPart[] {
  if (message.role !== 'assistant') return [];
  const isKept = message.content.some(
    (part) =>
      (part.type === 'tool-call' && part.signedBy !== undefined) ||
      (part.type === 'reasoning' && part.signedBy === 'anthropic'),
  );
  return isKept ? [] : message.content.filter((part) => part.type === 'tool-call');
}

/** The conversation with everything that was signed back in its place; the same one when there is nothing to put back. */
export function putBack(messages: Messages, stateOf: StateOf): ChatMessage[] {
  return messages.map((message) => {
    if (message.role !== 'assistant' || bareCalls(message).length === 0) return message;
    const content = withStates(message.content, stateOf);
    return content === message.content ? message : { ...message, content };
  });
}

// Thinking from before the answer's first words goes to its very beginning, all other thinking right before its call.
function withStates(parts: AssistantPart[], stateOf: StateOf): AssistantPart[] {
  const opening: AssistantPart[] = [];
  const rest: AssistantPart[] = [];
  let isFirst = true;
  let isChanged = false;
  const keptThoughts = parts.some((part) => part.type === 'reasoning' && part.signedBy !== undefined);
  for (const part of parts) {
    if (part.type !== 'tool-call') {
      rest.push(part);
      continue;
    }
    const state = stateOf(part.id);
    if (state?.name !== part.name) rest.push(part);
    else {
      isChanged = true;
      for (const thought of keptThoughts ? [] : state.thoughts) {
        (isFirst && !thought.afterText ? opening : rest).push(toReasoning(thought, state.model));
      }
      rest.push(signed(part, state));
    }
    isFirst = false;
  }
  return isChanged ? [...opening, ...rest] : parts;
}

function toReasoning({ afterText: _, ...thought }: Thought, model: string | undefined): ReasoningPart {
  return { type: 'reasoning', ...thought, ...(model !== undefined && { model }) };
}

function signed(part: ToolCallPart, { signature, signedBy }: ToolCallState): ToolCallPart {
  if (signature === undefined || signedBy === undefined) return part;
  return { ...part, signature, signedBy };
}
