import type { ChatRequest } from '../../core/chat/chat-request.js';
import { estimateImageTokens } from '../../tokens/image-tokens.js';
import type { Candidate } from './candidates.js';
import { imageVendorOf } from './image-vendor-of.js';

// Most models cut an image into no more than this.
const TOKENS_PER_IMAGE = 10_000;
// gpt-4o-mini counts 2,833 tokens for an image and 5,667 for each of its tiles, of which there are eight at most.
const MINI = 'gpt-4o-mini';
const TOKENS_PER_MINI_IMAGE = 2_833 + 8 * 5_667;
const TOKENS_PER_SMALL_MINI_IMAGE = 2_833;
// At the highest of Gemini's resolutions; older models cut an image into tiles, by its size.
const TOKENS_PER_GEMINI_IMAGE = 2_240;
// 32 tokens a second (no vendor counts more) of sound at 6 kbit/s, base64: 1,000 characters.
const AUDIO_CHARACTERS_PER_TOKEN = 30;

type Part = ChatRequest['messages'][number]['content'][number];

/**
 * The most tokens that what is attached to a chat request can come to at a candidate, beyond what was counted for it; Infinity
 * where nobody can tell, as for a file that the provider has.
 */
export function boundAttachments(request: ChatRequest, candidate: Candidate): number {
  let tokens = 0;
  for (const message of request.messages) {
    for (const part of message.content) {
      switch (part.type) {
        case 'image':
          tokens += boundImage(part, candidate);
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

// Who serves what under a name of its own choosing, and how large a vendor's tiles are, is not known for the others.
function boundImage(part: Extract<Part, { type: 'image' }>, { providerType, model }: Candidate): number {
  const { detail, size } = part;
  if (providerType === 'anthropic') return TOKENS_PER_IMAGE;
  if (size && imageVendorOf(providerType) === 'gemini') {
    return Math.max(TOKENS_PER_GEMINI_IMAGE, estimateImageTokens(part, 'gemini', model));
  }
  if (providerType !== 'openai') return TOKENS_PER_MINI_IMAGE;
  if (!model.includes(MINI)) return TOKENS_PER_IMAGE;
  return detail === 'low' ? TOKENS_PER_SMALL_MINI_IMAGE : TOKENS_PER_MINI_IMAGE;
}
