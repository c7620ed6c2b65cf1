import type { ChatMessage } from '../../../core/chat/chat-request.js';
import type { WireConfig } from './generate-body.js';

/**
 * The resolution at which images are read. Gemini has one for the whole request, so a wish is met where all images share
 * it and no file would be read worse for it; `warn` hears of any other.
 */
export function toMediaResolution(
  messages: readonly ChatMessage[],
  warn: (message: string) => void,
): WireConfig['mediaResolution'] {
  const details = new Set<string>();
  let hasFiles = false;
  for (const { content } of messages) {
    for (const part of content) {
      if (part.type === 'image') details.add(part.detail ?? 'auto');
      hasFiles ||= part.type === 'file';
    }
  }
  if (!details.has('low') && !details.has('high')) return undefined;
  if (details.size > 1 || hasFiles) {
    warn('The `detail` of images was dropped: Gemini has one resolution for all images and files of a request.');
    return undefined;
  }
  return details.has('low') ? 'MEDIA_RESOLUTION_LOW' : 'MEDIA_RESOLUTION_HIGH';
}
