import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { EmbeddingRequest } from '../../core/embedding/embedding-request.js';
import { measureChat, measureEmbedding, type PromptSize } from './prompt-size.js';

/** What routing looks at in a request; each thing is found out once, and only when somebody asks. */
export interface RoutedRequest {
  /** Null for embeddings. */
  readonly chat: ChatRequest | null;
  readonly prompt: PromptSize;
  readonly hasImages: boolean;
}

/** A chat request on its way to a route. */
export class RoutedChat implements RoutedRequest {
  #prompt: PromptSize | null = null;
  #hasImages: boolean | null = null;

  constructor(readonly chat: ChatRequest) {}

  get prompt(): PromptSize {
    this.#prompt ??= measureChat(this.chat, true);
    return this.#prompt;
  }

  get hasImages(): boolean {
    this.#hasImages ??= this.chat.messages.some(({ content }) => content.some((part) => part.type === 'image'));
    return this.#hasImages;
  }
}

/** An embedding request on its way to a route. */
export class RoutedEmbedding implements RoutedRequest {
  readonly chat = null;
  readonly hasImages = false;
  readonly #request: EmbeddingRequest;
  #prompt: PromptSize | null = null;

  constructor(request: EmbeddingRequest) {
    this.#request = request;
  }

  get prompt(): PromptSize {
    this.#prompt ??= measureEmbedding(this.#request);
    return this.#prompt;
  }
}
