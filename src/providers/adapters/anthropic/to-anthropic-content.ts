import type {
  ContentBlockParam,
  DocumentBlockParam,
  ImageBlockParam,
  TextBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import type { AssistantPart, FilePart, ImagePart, TextPart, UserPart } from '../../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject } from '../../../core/json.js';

type Warn = (message: string) => void;

/** A user's parts as content blocks; empty texts are left out because the API refuses them. */
export function toUserBlocks(parts: readonly UserPart[], warn: Warn): ContentBlockParam[] {
  return parts.flatMap((part) => toUserBlock(part, warn));
}

/** The blocks of an earlier answer: thinking first, as the API demands, and only where its signature was kept. */
export function toAssistantBlocks(parts: readonly AssistantPart[], warn: Warn): ContentBlockParam[] {
  const thinking = parts.flatMap((part) => toThinkingBlocks(part, warn));
  return [...thinking, ...parts.flatMap((part) => toAnswerBlocks(part, warn))];
}

/** What a tool gave back: texts and images. */
export function toToolResultBlocks(parts: readonly (TextPart | ImagePart)[]): (TextBlockParam | ImageBlockParam)[] {
  return parts.flatMap((part): (TextBlockParam | ImageBlockParam)[] =>
    part.type === 'text' ? toTextBlocks(part.text) : [toImageBlock(part)],
  );
}

function toUserBlock(part: UserPart, warn: Warn): ContentBlockParam[] {
  switch (part.type) {
    case 'text':
      return toTextBlocks(part.text);
    case 'image':
      if (part.detail === 'low' || part.detail === 'high')
        warn('The `detail` of an image was dropped: Anthropic has none.');
      return [toImageBlock(part)];
    case 'audio':
      warn('Audio input was dropped: Anthropic takes none.');
      return [];
    case 'file':
      return toDocumentBlocks(part, warn);
  }
}

function toTextBlocks(text: string): TextBlockParam[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function toImageBlock({ source }: ImagePart): ImageBlockParam {
  if (source.kind === 'url') return { type: 'image', source: { type: 'url', url: source.url } };
  const mediaType = source.mediaType as 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data: source.data } };
}

function toDocumentBlocks({ source, filename }: FilePart, warn: Warn): DocumentBlockParam[] {
  if (source.kind === 'id') {
    warn('A file named by its id was dropped: the id belongs to another provider.');
    return [];
  }
  const { mediaType, data } = source;
  if (mediaType === 'application/pdf') {
    return [{ type: 'document', source: { type: 'base64', media_type: mediaType, data }, title: filename }];
  }
  if (mediaType.startsWith('text/')) {
    const text = Buffer.from(data, 'base64').toString('utf8');
    return [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, title: filename }];
  }
  warn(`A file of type ${mediaType} was dropped: Anthropic takes PDF and text.`);
  return [];
}

function toThinkingBlocks(part: AssistantPart, warn: Warn): ContentBlockParam[] {
  if (part.type !== 'reasoning') return [];
  if (part.redacted !== undefined) return [{ type: 'redacted_thinking', data: part.redacted }];
  if (part.signature !== undefined) return [{ type: 'thinking', thinking: part.text, signature: part.signature }];
  warn('Earlier reasoning without a signature was dropped: Anthropic refuses it.');
  return [];
}

function toAnswerBlocks(part: AssistantPart, warn: Warn): ContentBlockParam[] {
  switch (part.type) {
    case 'reasoning':
      return [];
    case 'text':
    case 'refusal':
      return toTextBlocks(part.text);
    case 'tool-call':
      return [{ type: 'tool_use', id: toToolId(part.id), name: part.name, input: toInput(part.arguments, warn) }];
  }
}

/** The API takes only letters, digits, `_` and `-` in the id of a tool call; other providers use more. */
export function toToolId(id: string): string {
  return id.replaceAll(/[^\w-]/g, '_');
}

function toInput(text: string, warn: Warn): JsonObject {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Handled with arguments that are no object.
  }
  warn('The arguments of an earlier tool call are no JSON object and were sent as text.');
  return { arguments: text };
}
