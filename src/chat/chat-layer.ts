import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';

/** Answers a request; resolves at the first content. Rejects with AppError, and so do the events. */
export type AnswerChat = (request: ChatRequest, call: CallContext) => Promise<AsyncIterable<ChatEvent>>;

/** A step that some requests take on their way to a provider, whichever surface they came from. */
export interface ChatLayer {
  /** Null when the request does not concern it, found out at no cost; `next` is whatever lies below. */
  answer(request: ChatRequest, call: CallContext, next: AnswerChat): Promise<AsyncIterable<ChatEvent>> | null;
}

/** One way through all layers, the first one outermost; it is put together once and costs a request nothing. */
export function composeLayers(layers: readonly ChatLayer[], send: AnswerChat): AnswerChat {
  return layers.reduceRight<AnswerChat>(
    (next, layer) => (request, call) => layer.answer(request, call, next) ?? next(request, call),
    send,
  );
}
