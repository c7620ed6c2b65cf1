import type { ChatRequest } from '../../core/chat/chat-request.js';

// No vendor cuts an image into more; one of OpenAI's models counts each token of an image many times.
const TOKENS_PER_IMAGE = 10_000;
// 32 tokens a second (no vendor counts more) of sound at 6 kbit/s, base64: 1,000 characters.
const AUDIO_CHARACTERS_PER_TOKEN = 30;

/**
 * The most tokens that what is attached to a chat request can come to, beyond what was counted for it; Infinity where nobody
 * can tell, as for a file that the provider has.
 */
export function boundAttachments(request: ChatRequest): number {
  let tokens = 0;
  for (const message of request.messages) {
    for (const part of message.content) {
      switch (part.type) {
        case 'image':
          tokens += TOKENS_PER_IMAGE;
          break;
        case 'audio':
          tokens += Math.ceil(part.data.length / AUDIO_CHARACTERS_PER_TOKEN);
          break;
        case 'file':
          // A page may be packed very tightly.
          tokens += part.source.kind === 'id' ? Infinity : part.source.data.length;
          break;
        default:
      }
    }
  }
  return tokens;
}
