import type { AssistantPart, ChatMessage, ImagePart, UserPart } from '../core/chat/chat-request.js';
import type { JsonObject } from '../core/json.js';

/** Messages of a stored conversation as items, for providers that speak Responses themselves. */
export function toHistoryItems(messages: readonly ChatMessage[]): JsonObject[] {
  return messages.flatMap((message) => {
    switch (message.role) {
      case 'system':
      case 'user':
        return [{ type: 'message', role: message.role, content: message.content.map(toInputPart) }];
      case 'assistant':
        return message.content.flatMap(toAnswerItem);
      case 'tool':
        return [
          {
            type: 'function_call_output',
            call_id: message.toolCallId,
            output: message.content.map(toInputPart),
          },
        ];
    }
  });
}

function toAnswerItem(part: AssistantPart): JsonObject[] {
  switch (part.type) {
    case 'text':
      return [said({ type: 'output_text', text: part.text, annotations: [] })];
    case 'refusal':
      return [said({ type: 'refusal', refusal: part.text })];
    case 'tool-call':
      return [{ type: 'function_call', call_id: part.id, name: part.name, arguments: part.arguments }];
    case 'reasoning': {
      // A thought without its seal, or with that of another vendor, is refused.
      if (part.signedBy !== 'openai' || part.signature === undefined) return [];
      const summary = part.text === '' ? [] : [{ type: 'summary_text', text: part.text }];
      return [{ type: 'reasoning', summary, encrypted_content: part.signature }];
    }
  }
}

function said(content: JsonObject): JsonObject {
  return { type: 'message', role: 'assistant', content: [content] };
}

function toInputPart(part: UserPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text };
    case 'image':
      return { type: 'input_image', image_url: urlOf(part.source), detail: part.detail ?? 'auto' };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    case 'file': {
      const { source, filename } = part;
      const named = filename === undefined ? {} : { filename };
      if (source.kind === 'base64') return { type: 'input_file', file_data: dataUrl(source), ...named };
      const isUrl = /^https?:\/\//i.test(source.fileId);
      return { type: 'input_file', ...(isUrl ? { file_url: source.fileId } : { file_id: source.fileId }), ...named };
    }
  }
}

function urlOf(source: ImagePart['source']): string {
  return source.kind === 'url' ? source.url : dataUrl(source);
}

function dataUrl({ mediaType, data }: { mediaType: string; data: string }): string {
  return `data:${mediaType};base64,${data}`;
}
