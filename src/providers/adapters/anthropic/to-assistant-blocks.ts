import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { AssistantPart, ReasoningPart, ToolCallPart } from '../../../core/chat/chat-request.js';
import { parseExactJson } from '../../../core/exact-json.js';
import { isJsonObject, type JsonObject } from '../../../core/json.js';
import { isThought } from './thoughts.js';
import { toTextBlock } from './to-anthropic-content.js';
import type { ToolIds } from './tool-ids.js';

type Warn = (message: string) => void;

/** What becomes of an earlier answer. */
export interface AssistantOptions {
  /** Whether thinking goes back at all. */
  readonly keepsThoughts: boolean;
  readonly toolIds: ToolIds;
  /** Hears of each block that was made of the text at `index` among the answer's texts. */
  readonly onText: (block: ContentBlockParam, index: number) => void;
  readonly warn: Warn;
}

/**
 * The blocks of an earlier answer. Thinking stands where the model put it, which is where it must be; from a client that
 * does not keep the order it comes first, and thinking that nothing follows is left out: the API refuses it.
 */
export function toAssistantBlocks(parts: readonly AssistantPart[], options: AssistantOptions): ContentBlockParam[] {
  const blocks: ContentBlockParam[] = [];
  let texts = 0;
  for (const part of inOrder(parts)) {
    if (part.type === 'reasoning') {
      const block = toThinkingBlock(part, options);
      if (block) blocks.push(block);
    } else if (part.type === 'tool-call') blocks.push(toToolUse(part, options));
    else {
      const block = toTextBlock(part.text);
      if (block) {
        blocks.push(block);
        options.onText(block, texts);
      }
      texts += 1;
    }
  }
  while (isThinkingBlock(blocks.at(-1))) blocks.pop();
  return blocks;
}

function inOrder(parts: readonly AssistantPart[]): readonly AssistantPart[] {
  const first = parts.findIndex(isThought);
  if (first <= 0) return parts;
  return [...parts.filter(isThought), ...parts.filter((part) => !isThought(part))];
}

function toThinkingBlock(part: ReasoningPart, { keepsThoughts, warn }: AssistantOptions): ContentBlockParam | null {
  if (!isThought(part)) {
    warn('Earlier reasoning without a signature of Anthropic was dropped: it is refused.');
    return null;
  }
  if (!keepsThoughts) return null;
  if (part.redacted !== undefined) return { type: 'redacted_thinking', data: part.redacted };
  return { type: 'thinking', thinking: part.text, signature: part.signature ?? '' };
}

function isThinkingBlock(block: ContentBlockParam | undefined): boolean {
  return block?.type === 'thinking' || block?.type === 'redacted_thinking';
}

function toToolUse(
  { id, name, arguments: text }: ToolCallPart,
  { toolIds, warn }: AssistantOptions,
): ContentBlockParam {
  return { type: 'tool_use', id: toolIds.open(id), name, input: toInput(text, warn) };
}

function toInput(text: string, warn: Warn): JsonObject {
  if (text.trim() === '') return {};
  try {
    const value = parseExactJson(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Handled with arguments that are no object.
  }
  warn('The arguments of an earlier tool call are no JSON object and were sent as text.');
  return { arguments: text };
}
