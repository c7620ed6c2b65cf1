import type { ProviderType } from '../../config/gateway-config.js';
import type { ChatRequest, FilePart, UserPart } from '../../core/chat/chat-request.js';
import type { DialectName } from '../../core/chat/wire-object.js';

/** A document that a request names by its URL. */
export interface DocumentPlace {
  readonly part: FilePart;
  readonly url: string;
}

/** Dialects in which a file by URL is anybody's; in the others only Google's own files are named so, and only Google reads them. */
const WITH_DOCUMENTS: ReadonlySet<DialectName> = new Set<DialectName>(['anthropic-messages', 'openai-responses']);

/** Every document by URL of a request in a dialect that has such. */
export function documentsOf({ messages, source }: ChatRequest): DocumentPlace[] {
  if (!source || !WITH_DOCUMENTS.has(source.dialect)) return [];
  return messages.flatMap(({ role, content }) =>
    role !== 'user'
      ? []
      : content.flatMap((part) => {
          if (part.type !== 'file' || part.source.kind !== 'id') return [];
          const { fileId: url } = part.source;
          return /^https?:/i.test(url) ? [{ part, url }] : [];
        }),
  );
}

/** Whether providers of the type get documents by URL as the client sent them, and fetch them by themselves. */
export function takesDocumentUrls(type: ProviderType, { source }: ChatRequest): boolean {
  switch (type) {
    case 'anthropic':
      return source?.dialect === 'anthropic-messages';
    case 'openai':
    case 'azure-openai':
      return source?.dialect === 'openai-responses';
    case 'local':
      return true;
    default:
      return false;
  }
}

/** The request with what was found in the place of its documents; those that `found` does not name stay. */
export function withDocuments(request: ChatRequest, found: ReadonlyMap<FilePart, UserPart>): ChatRequest {
  if (found.size === 0) return request;
  const messages = request.messages.map((message) => {
    if (message.role !== 'user') return message;
    return {
      ...message,
      content: message.content.map((part) => (part.type === 'file' ? (found.get(part) ?? part) : part)),
    };
  });
  return { ...request, messages };
}
