import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
import { toOpenAiFinishReason } from './finish-reasons.js';

type ChoiceEvent = Extract<ChatEvent, { choice: number }>;

/** One choice of a chunk for one event; null when the dialect has nothing to say about it. The first of a choice has the role. */
export function renderDelta(event: ChoiceEvent, isFirst: boolean): JsonObject | null {
  const delta = toDelta(event);
  if (!delta) return null;
  return {
    index: event.choice,
    delta: isFirst ? { role: 'assistant', content: null, ...delta } : delta,
    logprobs: toLogprobs(event),
    finish_reason: event.type === 'finish' ? toOpenAiFinishReason(event.finishReason) : null,
  };
}

function toDelta(event: ChoiceEvent): JsonObject | null {
  switch (event.type) {
    case 'text-delta':
      return { content: event.text };
    case 'refusal-delta':
      return { refusal: event.text };
    case 'reasoning-delta':
      return event.text === '' ? null : { reasoning_content: event.text };
    case 'tool-call-start':
      return {
        tool_calls: [
          { index: event.index, id: event.id, type: 'function', function: { name: event.name, arguments: '' } },
        ],
      };
    case 'tool-call-delta':
      return { tool_calls: [{ index: event.index, function: { arguments: event.argumentsDelta } }] };
    case 'finish':
      return {};
  }
}

function toLogprobs(event: ChoiceEvent): JsonValue {
  if (event.type !== 'text-delta' || !event.logprobs) return null;
  return { content: event.logprobs as JsonValue[], refusal: null };
}
