import type { ChatRequest } from '../core/chat/chat-request.js';
import type { SpanAttributes } from '../core/telemetry/call-trace.js';

/** The parameters of a chat request by the names of the GenAI conventions; nothing that a user wrote. */
export function chatAttributes(request: ChatRequest): SpanAttributes {
  const { choices, responseFormat } = request;
  return {
    'gen_ai.request.stream': request.stream ? true : null,
    'gen_ai.request.max_tokens': request.maxOutputTokens,
    'gen_ai.request.temperature': request.temperature,
    'gen_ai.request.top_p': request.topP,
    'gen_ai.request.top_k': request.topK,
    'gen_ai.request.seed': request.seed,
    'gen_ai.request.presence_penalty': request.presencePenalty,
    'gen_ai.request.frequency_penalty': request.frequencyPenalty,
    'gen_ai.request.choice.count': choices === 1 ? null : choices,
    'gen_ai.output.type': responseFormat ? (responseFormat.type === 'text' ? 'text' : 'json') : null,
  };
}
