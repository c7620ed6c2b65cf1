import type { FinishReason } from '../../core/chat/chat-event.js';
import type { AssistantPart, UserPart } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import type { StoredMessage } from '../store/message-store.js';
import type { ConversationMessageDto } from './message.dto.js';

const FINISH_NAMES: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'other',
};

/** A message as clients see it: its content in the shape in which requests give it. */
export function renderMessage(stored: StoredMessage): ConversationMessageDto {
  const { id, turn, message, requestId, model, provider, createdAt } = stored;
  return {
    id,
    object: 'conversation.message',
    turn,
    role: message.role,
    ...contentOf(message),
    status: statusOf(stored),
    finish_reason: finishReasonOf(stored),
    model,
    provider,
    request_id: requestId,
    created_at: createdAt.toISOString(),
  };
}

/** Whether a message is whole: of an answer that broke off the last message is not, of one that failed the question. */
export function statusOf({ isAnswer, isLast, turnStatus }: StoredMessage): ConversationMessageDto['status'] {
  if (turnStatus === 'running') return 'in_progress';
  if (turnStatus === 'failed') return 'failed';
  return turnStatus === 'partial' && isAnswer && isLast ? 'partial' : 'completed';
}

/** A part of a user's message in the shape of OpenAI's chat. */
export function renderUserPart(part: UserPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return {
        type: 'image_url',
        image_url: { url: urlOf(part.source), ...(part.detail !== undefined && { detail: part.detail }) },
      };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    case 'file': {
      const file = part.source.kind === 'id' ? { file_id: part.source.fileId } : { file_data: urlOf(part.source) };
      return { type: 'file', file: { ...file, ...(part.filename !== undefined && { filename: part.filename }) } };
    }
  }
}

/** Where an image or a file is: its URL, or itself as a data URL. */
export function urlOf(
  source: { kind: 'url'; url: string } | { kind: 'base64'; mediaType: string; data: string },
): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

type Contents = Pick<ConversationMessageDto, 'content' | 'tool_calls' | 'tool_call_id' | 'reasoning' | 'refusal'>;

function contentOf(message: StoredMessage['message']): Contents {
  if (message.role === 'assistant') return assistantContent(message.content);
  const hasOnlyText = message.content.every(({ type }) => type === 'text');
  const content = hasOnlyText
    ? message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
    : message.content.map(renderUserPart);
  return message.role === 'tool' ? { content, tool_call_id: message.toolCallId } : { content };
}

function assistantContent(parts: readonly AssistantPart[]): Contents {
  const texts = { text: '', reasoning: '', refusal: '' };
  const calls: JsonObject[] = [];
  for (const part of parts) {
    if (part.type === 'tool-call') {
      calls.push({ id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } });
    } else texts[part.type] += part.text;
  }
  return {
    content: texts.text === '' ? null : texts.text,
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(texts.reasoning !== '' && { reasoning: texts.reasoning }),
    ...(texts.refusal !== '' && { refusal: texts.refusal }),
  };
}

function finishReasonOf({ isAnswer, isLast, finishReason }: StoredMessage): string | null {
  if (!isAnswer || finishReason === null) return null;
  if (!isLast) return 'tool_calls';
  return Object.hasOwn(FINISH_NAMES, finishReason) ? FINISH_NAMES[finishReason as FinishReason] : finishReason;
}
