import type {
  ContentBlockParam,
  DocumentBlockParam,
  ImageBlockParam,
  TextBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import type { FilePart, ImagePart, TextPart, UserPart } from '../../../core/chat/chat-request.js';

type Warn = (message: string) => void;

/** A part of a user's message as a content block; null for what the API refuses, of which `warn` hears where it matters. */
export function toUserBlock(part: UserPart, warn: Warn): ContentBlockParam | null {
  switch (part.type) {
    case 'text':
      return toTextBlock(part.text);
    case 'image':
      if (part.detail === 'low' || part.detail === 'high')
        warn('The `detail` of an image was dropped: Anthropic has none.');
      return toImageBlock(part);
    case 'audio':
      warn('Audio input was dropped: Anthropic takes none.');
      return null;
    case 'file':
      return toDocumentBlock(part, warn);
  }
}

/** What a tool gave back: texts and images. */
export function toToolResultBlocks(parts: readonly (TextPart | ImagePart)[]): (TextBlockParam | ImageBlockParam)[] {
  const blocks = parts.map((part) => (part.type === 'text' ? toTextBlock(part.text) : toImageBlock(part)));
  return blocks.filter((block) => block !== null);
}

/** A text; null when there is nothing but white space in it, which the API refuses. */
export function toTextBlock(text: string): TextBlockParam | null {
  return /\S/.test(text) ? { type: 'text', text } : null;
}

function toImageBlock({ source }: ImagePart): ImageBlockParam {
  if (source.kind === 'url') return { type: 'image', source: { type: 'url', url: source.url } };
  const mediaType = source.mediaType as 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data: source.data } };
}

function toDocumentBlock({ source, filename }: FilePart, warn: Warn): DocumentBlockParam | null {
  if (source.kind === 'id') {
    warn('A file named by its id was dropped: the id belongs to another provider.');
    return null;
  }
  const { mediaType, data } = source;
  const title = filename === undefined ? {} : { title: filename };
  if (mediaType === 'application/pdf') {
    return { type: 'document', source: { type: 'base64', media_type: mediaType, data }, ...title };
  }
  if (mediaType.startsWith('text/') || mediaType === 'application/json') {
    const text = Buffer.from(data, 'base64').toString('utf8');
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...title };
  }
  warn(`A file of type ${mediaType} was dropped: Anthropic takes PDF and text.`);
  return null;
}
