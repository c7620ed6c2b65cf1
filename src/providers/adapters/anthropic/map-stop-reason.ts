import type { FinishReason } from '../../../core/chat/chat-event.js';

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
};

/** Anthropic's stop reason in our words; what we do not know, or cannot say (`pause_turn`), is `other`. */
export function mapStopReason(raw: string): FinishReason {
  return REASONS[raw] ?? 'other';
}
