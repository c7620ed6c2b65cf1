import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { EmbeddingRequest } from '../../core/embedding/embedding-request.js';

const CHARACTERS_PER_TOKEN = 4;
const CHARACTERS_PER_ATTACHMENT = 3_200;
const CHARACTERS_PER_TOOL = 400;

/** Prompt tokens of a chat request at a glance: nothing is tokenized, so every request can afford it. Sources stand in its texts. */
export function estimateChatPrompt(request: ChatRequest): number {
  let characters = CHARACTERS_PER_TOOL * (request.tools?.length ?? 0);
  for (const message of request.messages) {
    for (const part of message.content) {
      if ('text' in part) characters += part.text.length;
      else characters += part.type === 'tool-call' ? part.arguments.length : CHARACTERS_PER_ATTACHMENT;
    }
  }
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** The same of an embedding request; token numbers count as they are. */
export function estimateEmbeddingPrompt({ inputs }: EmbeddingRequest): number {
  let tokens = 0;
  for (const input of inputs) tokens += typeof input === 'string' ? input.length / CHARACTERS_PER_TOKEN : input.length;
  return Math.ceil(tokens);
}
