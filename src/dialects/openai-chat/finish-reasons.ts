import type { FinishReason } from '../../core/chat/chat-event.js';

const NAMES: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'stop',
};

/** OpenAI's word for why a choice ended; its list is closed, so that an unknown reason reads as `stop`. */
export function toOpenAiFinishReason(reason: FinishReason | null): string {
  return reason === null ? 'stop' : NAMES[reason];
}
