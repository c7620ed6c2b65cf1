import type { ChatMessage, ChatRequest, ImagePart, TextPart } from '../../core/chat/chat-request.js';
import { countEarlierMessages } from '../../core/chat/earlier-messages.js';

/** An image and where it stands. */
export interface ImagePlace {
  readonly part: ImagePart;
  /** The parameter that it came in; undefined for one that the request itself did not bring, but a stored conversation. */
  readonly param: string | undefined;
}

/** Whether there is anything to see in a request, or an address to be looked at, found out at no cost worth mentioning. */
export function hasImages({ messages, serverUrls }: ChatRequest): boolean {
  if (serverUrls) return true;
  for (const { role, content } of messages) {
    if (role !== 'user' && role !== 'tool') continue;
    for (const part of content) if (part.type === 'image' || isFileByUrl(part)) return true;
  }
  return false;
}

/** The URLs that the request itself brings, each with the parameter that it came in. */
export function urlsOf(request: ChatRequest): { url: string; param: string }[] {
  const images = imagesOf(request).flatMap(({ part: { source }, param }) =>
    source.kind === 'url' && param !== undefined ? [{ url: source.url, param }] : [],
  );
  return [...images, ...fileUrlsOf(request)];
}

/** The URLs of files and servers that only the provider asks, each with the parameter that it came in. */
export function fileUrlsOf(request: ChatRequest): { url: string; param: string }[] {
  const first = countEarlierMessages(request);
  const files = request.messages.slice(first).flatMap(({ content }, message) =>
    content.flatMap((part, index) => {
      if (part.type !== 'file' || part.source.kind !== 'id' || !isFileByUrl(part)) return [];
      return [
        { url: part.source.fileId, param: `messages[${String(message)}].content[${String(index)}].file.file_id` },
      ];
    }),
  );
  return [...files, ...(request.serverUrls ?? [])];
}

/** Every image of a request, in order. */
export function imagesOf(request: ChatRequest): ImagePlace[] {
  const first = countEarlierMessages(request);
  return request.messages.flatMap(({ content }, message) =>
    content.flatMap((part, index) => {
      if (part.type !== 'image') return [];
      const param = `messages[${String(message - first)}].content[${String(index)}].image_url.url`;
      return [{ part, param: message < first ? undefined : param }];
    }),
  );
}

/** The request with other parts in the place of its images; those that `images` does not name stay. */
export function withImages(request: ChatRequest, images: ReadonlyMap<ImagePart, ImagePart | TextPart>): ChatRequest {
  return { ...request, messages: request.messages.map((message) => withImagesIn(message, images)) };
}

function withImagesIn(message: ChatMessage, images: ReadonlyMap<ImagePart, ImagePart | TextPart>): ChatMessage {
  if (message.role === 'user') {
    return {
      ...message,
      content: message.content.map((part) => (part.type === 'image' ? (images.get(part) ?? part) : part)),
    };
  }
  if (message.role === 'tool') {
    return {
      ...message,
      content: message.content.map((part) => (part.type === 'image' ? (images.get(part) ?? part) : part)),
    };
  }
  return message;
}

function isFileByUrl(part: ChatMessage['content'][number]): boolean {
  return part.type === 'file' && part.source.kind === 'id' && /^https?:/i.test(part.source.fileId);
}
