import type { Part } from '@google/genai';
import type { ChatMessage } from '../../../core/chat/chat-request.js';
import { toImagePart } from './to-parts.js';

type ToolMessage = Extract<ChatMessage, { role: 'tool' }>;

/**
 * What a function gave back, under its name. Its images stand inside of the result where the model takes them there, else
 * right behind it.
 */
export function toResultParts(
  { toolCallId, content, isError }: ToolMessage,
  name: string | undefined,
  options: { hasCallIds: boolean; takesMediaInResults: boolean },
  warn: (message: string) => void,
): Part[] {
  const text = content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  const images = content.flatMap((part) => (part.type === 'image' ? [toImagePart(part, warn)] : []));
  const isInside = options.takesMediaInResults && images.length > 0;
  const result: Part = {
    functionResponse: {
      ...(options.hasCallIds && { id: toolCallId }),
      // A result that answers no call is the client's mistake, for the API to explain; it wants a name all the same.
      name: name ?? toolCallId,
      response: isError === true ? { error: text } : { output: text },
      ...(isInside && { parts: images }),
    },
  };
  return isInside ? [result] : [result, ...images];
}
