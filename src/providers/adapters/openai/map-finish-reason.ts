import type { FinishReason } from '../../../core/chat/chat-event.js';

const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
};

/** OpenAI's finish reason in our words; what we do not know is `other`. */
export function mapFinishReason(raw: string): FinishReason {
  return REASONS[raw] ?? 'other';
}
