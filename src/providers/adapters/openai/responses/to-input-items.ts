import type {
  AssistantPart,
  ChatMessage,
  FilePart,
  ImagePart,
  ReasoningPart,
  UserPart,
} from '../../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../../core/json.js';

type Warn = (message: string) => void;

/**
 * The conversation as items of OpenAI's Responses; `warn` hears what it has no words for. Of earlier thinking goes back what
 * OpenAI itself encrypted for this model; `isOwnModel` tells the vendor's names for it.
 */
export function toInputItems(
  messages: readonly ChatMessage[],
  isOwnModel: (model: string) => boolean,
  warn: Warn,
): JsonObject[] {
  if (messages.some((message) => 'name' in message && message.name !== undefined))
    warn("The `name` of messages was dropped: OpenAI's Responses have none.");
  return messages.flatMap((message) => toItems(message, isOwnModel, warn));
}

function toItems(message: ChatMessage, isOwnModel: (model: string) => boolean, warn: Warn): JsonObject[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content.map(({ text }) => ({ type: 'input_text', text })) }];
    case 'user': {
      const content = message.content.flatMap((part) => toContent(part, warn));
      return content.length === 0 && message.content.length > 0 ? [] : [{ role: 'user', content }];
    }
    case 'assistant':
      return toAssistantItems(message.content, isOwnModel);
    case 'tool':
      if (message.isError === true) warn('The error mark of a tool result was dropped: OpenAI has none.');
      return [{ type: 'function_call_output', call_id: message.toolCallId, output: toOutput(message.content, warn) }];
  }
}

function toContent(part: UserPart, warn: Warn): JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'input_text', text: part.text }];
    case 'image':
      return [toImage(part)];
    case 'file':
      return [toFile(part)];
    case 'audio':
      warn('A recording was left out: the model takes none by way of the Responses API.');
      return [];
  }
}

function toImage({ source, detail }: ImagePart): JsonObject {
  const url = source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
  return { type: 'input_image', image_url: url, detail: detail ?? 'auto' };
}

function toFile({ source, filename }: FilePart): JsonObject {
  if (source.kind === 'id') {
    const isUrl = /^https?:/i.test(source.fileId);
    return { type: 'input_file', [isUrl ? 'file_url' : 'file_id']: source.fileId };
  }
  const { mediaType, data } = source;
  // OpenAI wants a name, and tells a PDF by it.
  const name = filename ?? (mediaType === 'application/pdf' ? 'file.pdf' : 'file');
  return { type: 'input_file', filename: name, file_data: `data:${mediaType};base64,${data}` };
}

function toOutput(content: Extract<ChatMessage, { role: 'tool' }>['content'], warn: Warn): string | JsonObject[] {
  const [only] = content;
  if (content.length === 0) return '';
  if (content.length === 1 && only?.type === 'text') return only.text;
  return content.flatMap((part) => toContent(part, warn));
}

// Texts that nothing stands between are one message: the model said them in one go.
function toAssistantItems(parts: readonly AssistantPart[], isOwnModel: (model: string) => boolean): JsonObject[] {
  const items: JsonObject[] = [];
  let said: JsonObject[] = [];
  const endMessage = (): void => {
    if (said.length > 0) items.push({ type: 'message', role: 'assistant', content: said });
    said = [];
  };
  for (const part of parts) {
    if (part.type === 'text') said.push({ type: 'output_text', text: part.text });
    else if (part.type === 'refusal') said.push({ type: 'refusal', refusal: part.text });
    else if (part.type === 'tool-call') {
      endMessage();
      items.push({ type: 'function_call', call_id: part.id, name: part.name, arguments: part.arguments });
    } else if (isTakenBack(part, isOwnModel)) {
      endMessage();
      items.push(toReasoningItem(part));
    }
  }
  endMessage();
  return items;
}

function isTakenBack({ signature, signedBy, model }: ReasoningPart, isOwnModel: (model: string) => boolean): boolean {
  return signedBy === 'openai' && signature !== undefined && (model === undefined || isOwnModel(model));
}

// Without an id: what is encrypted knows its own, and another one beside it is refused.
function toReasoningItem({ text, signature }: ReasoningPart): JsonObject {
  const summary = text === '' ? [] : [{ type: 'summary_text', text }];
  return { type: 'reasoning', summary, encrypted_content: signature };
}
