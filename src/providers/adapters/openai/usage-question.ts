import type { ChatRequest } from '../../../core/chat/chat-request.js';
import { isJsonObject } from '../../../core/json.js';

/** More models than a server that refuses the question has; what is beyond is asked and refused each time. */
const MOST_MODELS = 1_000;

/**
 * Which models of a server cannot be asked for the usage of a stream. Only a request that was refused with the question and
 * taken without it shows that: a refusal's text may repeat the client's own words.
 */
export class UsageQuestion {
  readonly #models = new Set<string>();
  readonly #refused = new WeakSet<ChatRequest>();

  /** Whether to ask in this request. */
  isTakenBy(model: string, request: ChatRequest): boolean {
    return !this.#models.has(model) && !this.#refused.has(request);
  }

  /** The request was refused, and the question named. False where that is the client's own doing. */
  refused(request: ChatRequest): boolean {
    if (!request.stream || hasOwnOptions(request)) return false;
    this.#refused.add(request);
    return true;
  }

  accepted(model: string, request: ChatRequest): void {
    if (this.#refused.has(request) && this.#models.size < MOST_MODELS) this.#models.add(model);
  }
}

// Other options than the one that is ours as well.
function hasOwnOptions({ source }: ChatRequest): boolean {
  const options = source?.dialect === 'openai-chat' ? source.body.stream_options : null;
  return isJsonObject(options) && Object.keys(options).some((name) => name !== 'include_usage');
}
