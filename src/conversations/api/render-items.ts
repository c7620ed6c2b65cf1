import type { AssistantPart, ChatMessage, UserPart } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import type { StoredMessage } from '../store/message-store.js';
import { statusOf, urlOf } from './render-message.js';

/** An item of OpenAI's conversations. */
export type ConversationItem = JsonObject & { id: string };

interface Place {
  readonly code: string;
  readonly status: 'completed' | 'in_progress' | 'incomplete';
}

const ITEM_ID = /^(?:msg|rs|fc|fco)_([0-9A-Z]{24})(?:_(\d{1,4}))?$/;

/** The id of the message that an item is of; null for what is no item's id. */
export function messageIdOf(itemId: string): string | null {
  const code = ITEM_ID.exec(itemId)?.[1];
  return code === undefined ? null : `msg_${code}`;
}

/** A message as OpenAI's items, in the order in which it was said. */
export function renderItems(stored: StoredMessage): ConversationItem[] {
  const { id, message } = stored;
  const place: Place = { code: id.slice('msg_'.length), status: toItemStatus(stored) };
  switch (message.role) {
    case 'user':
      return [renderMessageItem(place, 'user', message.content.map(renderInput))];
    case 'tool':
      return [renderOutput(place, message)];
    case 'assistant':
      return renderAnswer(place, message.content);
  }
}

/** The parts of an answer that are left without one of its items. */
export function withoutItem(parts: readonly AssistantPart[], itemId: string): AssistantPart[] {
  const [kind = '', , position] = itemId.split('_');
  if (kind === 'msg') return parts.filter(({ type }) => type !== 'text' && type !== 'refusal');
  return parts.filter((_part, index) => String(index) !== position);
}

function renderAnswer(place: Place, parts: readonly AssistantPart[]): ConversationItem[] {
  const texts = parts.filter((part) => part.type === 'text' || part.type === 'refusal');
  return parts.flatMap((part, index) => {
    switch (part.type) {
      case 'reasoning':
        return [renderThought(place, index, part.text)];
      case 'tool-call':
        return [
          {
            id: `fc_${place.code}_${String(index)}`,
            type: 'function_call',
            call_id: part.id,
            name: part.name,
            arguments: part.arguments,
            status: place.status,
          },
        ];
      default:
        // All of its text is one item, which stands where the first of it does.
        return part === texts[0] ? [renderMessageItem(place, 'assistant', texts.map(renderText))] : [];
    }
  });
}

function renderThought({ code, status }: Place, index: number, text: string): ConversationItem {
  return { id: `rs_${code}_${String(index)}`, type: 'reasoning', summary: [{ type: 'summary_text', text }], status };
}

function renderOutput({ code, status }: Place, message: ChatMessage & { role: 'tool' }): ConversationItem {
  const hasOnlyText = message.content.every(({ type }) => type === 'text');
  return {
    id: `fco_${code}`,
    type: 'function_call_output',
    call_id: message.toolCallId,
    output: hasOnlyText
      ? message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
      : message.content.map(renderInput),
    status,
  };
}

function renderMessageItem({ code, status }: Place, role: string, content: JsonObject[]): ConversationItem {
  return { id: `msg_${code}`, type: 'message', role, status, content };
}

function renderText(part: AssistantPart & { type: 'text' | 'refusal' }): JsonObject {
  return part.type === 'text'
    ? { type: 'output_text', text: part.text, annotations: [], logprobs: [] }
    : { type: 'refusal', refusal: part.text };
}

function renderInput(part: UserPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text };
    case 'image':
      return { type: 'input_image', image_url: urlOf(part.source), file_id: null, detail: part.detail ?? 'auto' };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    case 'file': {
      const file = part.source.kind === 'id' ? { file_id: part.source.fileId } : { file_data: urlOf(part.source) };
      return { type: 'input_file', ...file, ...(part.filename !== undefined && { filename: part.filename }) };
    }
  }
}

function toItemStatus(stored: StoredMessage): Place['status'] {
  const status = statusOf(stored);
  if (status === 'partial' || status === 'failed') return 'incomplete';
  return status;
}
