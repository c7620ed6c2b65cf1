import type { Part } from '@google/genai';
import type { FilePart, ImagePart, UserPart } from '../../../core/chat/chat-request.js';
import { mediaTypeOfAudio, mediaTypeOfUrl } from './media-type.js';

type Warn = (message: string) => void;

const ASSUMED_IMAGE_TYPE = 'image/jpeg';

/** A user's parts in Gemini's words; empty texts are left out because the API refuses them. */
export function toUserParts(parts: readonly UserPart[], warn: Warn): Part[] {
  return parts.flatMap((part) => toUserPart(part, warn));
}

/** A text, or nothing when it is empty. */
export function toTextParts(text: string): Part[] {
  return text === '' ? [] : [{ text }];
}

/**
 * An image by its bytes, or by its address where nobody has fetched it: one of Google's own files, mostly. The API wants a
 * media type beside an address: the extension tells it, else JPEG is assumed.
 */
export function toImagePart({ source }: ImagePart, warn: Warn): Pick<Part, 'inlineData' | 'fileData'> {
  if (source.kind === 'base64') return { inlineData: { mimeType: source.mediaType, data: source.data } };
  if (source.fetched) return { inlineData: { mimeType: source.fetched.mediaType, data: source.fetched.data } };
  const mediaType = mediaTypeOfUrl(source.url);
  if (mediaType === null) warn('An image by URL was announced as JPEG: its address has no extension that tells more.');
  return { fileData: { fileUri: source.url, mimeType: mediaType ?? ASSUMED_IMAGE_TYPE } };
}

function toUserPart(part: UserPart, warn: Warn): Part[] {
  switch (part.type) {
    case 'text':
      return toTextParts(part.text);
    case 'image':
      return [toImagePart(part, warn)];
    case 'audio':
      return [{ inlineData: { mimeType: mediaTypeOfAudio(part.format), data: part.data } }];
    case 'file':
      return toFileParts(part, warn);
  }
}

function toFileParts({ source, filename }: FilePart, warn: Warn): Part[] {
  if (source.kind === 'base64') return [{ inlineData: { mimeType: source.mediaType, data: source.data } }];
  const { fileId } = source;
  // Google names its files by address.
  if (!/^(?:https|gs):\/\//.test(fileId)) {
    warn('A file named by its id was dropped: the id belongs to another provider.');
    return [];
  }
  const mimeType = mediaTypeOfUrl(filename ?? '') ?? mediaTypeOfUrl(fileId) ?? undefined;
  return [{ fileData: { fileUri: fileId, mimeType } }];
}
