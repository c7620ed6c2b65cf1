import type { ContentBlockParam, MessageParam, TextBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { ChatMessage } from '../../../core/chat/chat-request.js';
import { toAssistantBlocks, toToolId, toToolResultBlocks, toUserBlocks } from './to-anthropic-content.js';

type Warn = (message: string) => void;

export interface AnthropicConversation {
  system: TextBlockParam[];
  messages: MessageParam[];
}

/**
 * The conversation in Anthropic's words: system texts apart, turns that alternate (neighbours of one role become one
 * message, results of tools are the user's), nothing empty.
 */
export function toAnthropicMessages(messages: readonly ChatMessage[], warn: Warn): AnthropicConversation {
  const system: TextBlockParam[] = [];
  const turns: { role: 'user' | 'assistant'; content: ContentBlockParam[] }[] = [];
  warnOfNames(messages, warn);
  for (const message of messages) {
    if (message.role === 'system') {
      for (const { text } of message.content) if (text !== '') system.push({ type: 'text', text });
      continue;
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const blocks = toBlocks(message, warn);
    if (blocks.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: blocks });
  }
  for (const turn of turns) if (turn.role === 'user') putResultsFirst(turn);
  trimLastText(turns);
  return { system, messages: turns };
}

function toBlocks(message: Exclude<ChatMessage, { role: 'system' }>, warn: Warn): ContentBlockParam[] {
  switch (message.role) {
    case 'user':
      return toUserBlocks(message.content, warn);
    case 'assistant':
      return toAssistantBlocks(message.content, warn);
    case 'tool':
      return [
        {
          type: 'tool_result',
          tool_use_id: toToolId(message.toolCallId),
          content: toToolResultBlocks(message.content),
          ...(message.isError === true && { is_error: true }),
        },
      ];
  }
}

// The API wants the results of tools before anything else in the message that answers the calls.
function putResultsFirst(turn: { content: ContentBlockParam[] }): void {
  const isResult = (block: ContentBlockParam): boolean => block.type === 'tool_result';
  turn.content = [...turn.content.filter(isResult), ...turn.content.filter((block) => !isResult(block))];
}

// The API refuses a prefill that ends in white space.
function trimLastText(turns: { role: string; content: ContentBlockParam[] }[]): void {
  const turn = turns.at(-1);
  const block = turn?.role === 'assistant' ? turn.content.at(-1) : undefined;
  if (block?.type !== 'text') return;
  block.text = block.text.trimEnd();
  if (block.text === '') turn?.content.pop();
  if (turn?.content.length === 0) turns.pop();
}

function warnOfNames(messages: readonly ChatMessage[], warn: Warn): void {
  if (messages.every((message) => !('name' in message) || message.name === undefined)) return;
  warn('The `name` of messages was dropped: Anthropic has none.');
}
