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

type ToolMessage = Extract<ChatMessage, { role: 'tool' }>;

/**
 * The conversation in OpenAI's words; `warn` hears what it has no words for. Tool results are text there: their images
 * follow as a message of the user's, once all results of a turn are told. Earlier reasoning is left out, which OpenAI does
 * not take back, and the signatures of other vendors with it.
 */
export function toOpenAiMessages(messages: readonly ChatMessage[], warn: Warn): ChatCompletionMessageParam[] {
  const converted: ChatCompletionMessageParam[] = [];
  let images: ChatCompletionContentPart[] = [];
  for (const message of messages) {
    if (message.role !== 'tool' && images.length > 0) {
      converted.push({ role: 'user', content: images });
      images = [];
    }
    converted.push(toMessage(message, warn));
    if (message.role === 'tool') images.push(...imagesOf(message));
  }
  if (images.length > 0) converted.push({ role: 'user', content: images });
  return converted;
}

function toMessage(message: ChatMessage, warn: Warn): ChatCompletionMessageParam {
  switch (message.role) {
    case 'system':
      return named({ role: 'system', content: toText(message.content) }, message.name);
    case 'user':
      return named({ role: 'user', content: toUserContent(message.content) }, message.name);
    case 'assistant':
      return named(toAssistantMessage(message.content), message.name);
    case 'tool':
      if (message.isError === true) warn('The error mark of a tool result was dropped: OpenAI has none.');
      return { role: 'tool', tool_call_id: message.toolCallId, content: toText(textsOf(message)) };
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
  return {
    file_data: `data:${source.mediaType};base64,${source.data}`,
    filename: filename ?? nameOf(source.mediaType),
  };
}

// OpenAI wants a name, and tells a PDF by it.
function nameOf(mediaType: string): string {
  return mediaType === 'application/pdf' ? 'file.pdf' : 'file';
}

function toAssistantMessage(parts: readonly AssistantPart[]): ChatCompletionMessageParam {
  const texts: string[] = [];
  const refusals: string[] = [];
  const toolCalls: ChatCompletionMessageFunctionToolCall[] = [];
  for (const part of parts) {
    if (part.type === 'text') texts.push(part.text);
    else if (part.type === 'refusal') refusals.push(part.text);
    else if (part.type === 'tool-call') toolCalls.push(toToolCall(part));
  }
  const isSilent = texts.length === 0 && (refusals.length > 0 || toolCalls.length > 0);
  return {
    role: 'assistant',
    content: isSilent ? null : texts.join(''),
    ...(refusals.length > 0 && { refusal: refusals.join('') }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  };
}

function toToolCall(part: Extract<AssistantPart, { type: 'tool-call' }>): ChatCompletionMessageFunctionToolCall {
  return { id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } };
}

function textsOf({ content }: ToolMessage): TextPart[] {
  return content.filter((part) => part.type === 'text');
}

function imagesOf({ toolCallId, content }: ToolMessage): ChatCompletionContentPart[] {
  const images = content.filter((part) => part.type === 'image').map((part) => toUserPart(part));
  return images.length === 0 ? [] : [{ type: 'text', text: `Images in the result of ${toolCallId}:` }, ...images];
}
