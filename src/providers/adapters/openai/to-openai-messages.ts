import type {
  ChatCompletionContentPart,
  ChatCompletionMessageFunctionToolCall,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type {
  AssistantPart,
  ChatMessage,
  FilePart,
  ImagePart,
  TextPart,
  UserPart,
} from '../../../core/chat/chat-request.js';

type Warn = (message: string) => void;

/** The conversation in OpenAI's words; `warn` hears what it has no words for. */
export function toOpenAiMessages(messages: readonly ChatMessage[], warn: Warn): ChatCompletionMessageParam[] {
  return messages.map((message) => toMessage(message, warn));
}

function toMessage(message: ChatMessage, warn: Warn): ChatCompletionMessageParam {
  switch (message.role) {
    case 'system':
      return named({ role: 'system', content: toText(message.content) }, message.name);
    case 'user':
      return named({ role: 'user', content: toUserContent(message.content) }, message.name);
    case 'assistant':
      return named(toAssistantMessage(message.content, warn), message.name);
    case 'tool':
      if (message.isError === true) warn('The error mark of a tool result was dropped: OpenAI has none.');
      return { role: 'tool', tool_call_id: message.toolCallId, content: toText(textsOf(message.content, warn)) };
  }
}

function named<M extends ChatCompletionMessageParam>(message: M, name: string | undefined): M {
  return name === undefined ? message : { ...message, name };
}

// One text goes as a plain string, which every compatible server takes.
function toText(parts: readonly TextPart[]): string | { type: 'text'; text: string }[] {
  return parts.length > 1 ? parts.map(({ text }) => ({ type: 'text', text })) : (parts[0]?.text ?? '');
}

function toUserContent(parts: readonly UserPart[]): string | ChatCompletionContentPart[] {
  const [only] = parts;
  return parts.length === 1 && only?.type === 'text' ? only.text : parts.map((part) => toUserPart(part));
}

function toUserPart(part: UserPart): ChatCompletionContentPart {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image_url', image_url: toImage(part) };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format as 'wav' | 'mp3' } };
    case 'file':
      return { type: 'file', file: toFile(part) };
  }
}

function toImage({ source, detail }: ImagePart): { url: string; detail?: 'auto' | 'low' | 'high' } {
  const url = source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
  return detail === undefined ? { url } : { url, detail };
}

function toFile({ source, filename }: FilePart): ChatCompletionContentPart.File.File {
  if (source.kind === 'id') return { file_id: source.fileId };
  return { file_data: `data:${source.mediaType};base64,${source.data}`, filename: filename ?? 'file' };
}

function toAssistantMessage(parts: readonly AssistantPart[], warn: Warn): ChatCompletionMessageParam {
  const texts: string[] = [];
  const refusals: string[] = [];
  const toolCalls: ChatCompletionMessageFunctionToolCall[] = [];
  for (const part of parts) {
    if (part.type === 'text') texts.push(part.text);
    else if (part.type === 'refusal') refusals.push(part.text);
    else if (part.type === 'reasoning') warn('Earlier reasoning was dropped: OpenAI does not take it back.');
    else toolCalls.push(toToolCall(part));
  }
  return {
    role: 'assistant',
    content: texts.length > 0 ? texts.join('') : null,
    ...(refusals.length > 0 && { refusal: refusals.join('') }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  };
}

function toToolCall(part: Extract<AssistantPart, { type: 'tool-call' }>): ChatCompletionMessageFunctionToolCall {
  return { id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } };
}

function textsOf(parts: readonly (TextPart | ImagePart)[], warn: Warn): TextPart[] {
  const texts = parts.filter((part) => part.type === 'text');
  if (texts.length < parts.length) warn('Images in a tool result were dropped: OpenAI takes text there.');
  return texts;
}
