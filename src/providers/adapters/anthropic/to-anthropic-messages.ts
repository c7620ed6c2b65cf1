import type { ContentBlockParam, MessageParam, TextBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { ChatMessage, ChatRequest } from '../../../core/chat/chat-request.js';
import type { CacheMarks } from './cache-marks.js';
import { endConversation, type Turn } from './end-conversation.js';
import { toTextBlock, toToolResultBlocks, toUserBlock } from './to-anthropic-content.js';
import { toAssistantBlocks } from './to-assistant-blocks.js';
import { ToolIds } from './tool-ids.js';

/** What the translation of a conversation depends on besides its messages. */
export interface ConversationOptions {
  readonly marks: CacheMarks;
  /** Whether earlier thinking goes back to the model. */
  readonly keepsThoughts: boolean;
  /** Whether the model goes on with an answer that the last message begins. */
  readonly takesPrefill: boolean;
  readonly warn: (message: string) => void;
}

const MOVED = 'Instructions within the conversation were moved to its beginning: Anthropic takes none later.';

export interface AnthropicConversation {
  system: TextBlockParam[];
  messages: MessageParam[];
}

/**
 * The conversation in Anthropic's words: system texts apart, turns that alternate and begin with the user's (neighbours of
 * one role become one message, results of tools are the user's), nothing empty.
 */
export function toAnthropicMessages(
  messages: ChatRequest['messages'],
  options: ConversationOptions,
): AnthropicConversation {
  const system: TextBlockParam[] = [];
  const turns: Turn[] = [];
  const toolIds = new ToolIds();
  warnOfNames(messages, options.warn);
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system') {
      if (turns.length > 0) options.warn(MOVED);
      system.push(...toSystemBlocks(message, index, options));
      continue;
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const blocks = toBlocks(message, index, { ...options, toolIds });
    if (blocks.length === 0) continue;
    options.marks.markMessage(blocks.at(-1) as TextBlockParam, index);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: blocks });
  }
  for (const turn of turns) if (turn.role === 'user') putResultsFirst(turn);
  return { system, messages: endConversation(turns, system, options) };
}

function toSystemBlocks(
  { content }: ChatMessage & { role: 'system' },
  message: number,
  { marks }: ConversationOptions,
): TextBlockParam[] {
  const blocks: TextBlockParam[] = [];
  for (const [index, { text }] of content.entries()) {
    const block = toTextBlock(text);
    if (!block) continue;
    marks.markPart(block, message, index);
    blocks.push(block);
  }
  marks.markMessage(blocks.at(-1), message);
  return blocks;
}

function toBlocks(
  message: Exclude<ChatMessage, { role: 'system' }>,
  index: number,
  options: ConversationOptions & { toolIds: ToolIds },
): ContentBlockParam[] {
  const { marks, toolIds, keepsThoughts, warn } = options;
  const mark = (block: ContentBlockParam, part: number): void => {
    marks.markPart(block as TextBlockParam, index, part);
  };
  switch (message.role) {
    case 'user':
      return message.content.flatMap((part, position) => {
        const block = toUserBlock(part, warn);
        if (!block) return [];
        mark(block, position);
        return [block];
      });
    case 'assistant':
      return toAssistantBlocks(message.content, { keepsThoughts, toolIds, onText: mark, warn });
    case 'tool':
      return [toToolResult(message, toolIds.of(message.toolCallId), mark)];
  }
}

function toToolResult(
  { content, isError }: ChatMessage & { role: 'tool' },
  callId: string,
  mark: (block: ContentBlockParam, part: number) => void,
): ContentBlockParam {
  const result: ContentBlockParam = {
    type: 'tool_result',
    tool_use_id: callId,
    content: toToolResultBlocks(content),
    ...(isError === true && { is_error: true }),
  };
  for (const part of content.keys()) mark(result, part);
  return result;
}

// The API wants the results of tools before anything else in the message that answers the calls.
function putResultsFirst(turn: Turn): void {
  const isResult = (block: ContentBlockParam): boolean => block.type === 'tool_result';
  turn.content = [...turn.content.filter(isResult), ...turn.content.filter((block) => !isResult(block))];
}

function warnOfNames(messages: ChatRequest['messages'], warn: (message: string) => void): void {
  if (messages.every((message) => !('name' in message) || message.name === undefined)) return;
  warn('The `name` of messages was dropped: Anthropic has none.');
}
