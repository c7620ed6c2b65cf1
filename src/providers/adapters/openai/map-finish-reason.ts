import type { FinishReason } from '../../../core/chat/chat-event.js';

const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
};

/** What compatible servers write in their place, in lower case. */
const SYNONYMS: Readonly<Record<string, string>> = {
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  end_of_turn: 'stop',
  stop_sequence: 'stop',
  complete: 'stop',
  stop: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool_calls',
  tool_call: 'tool_calls',
  tool_use: 'tool_calls',
  abort: 'length',
  insufficient_system_resource: 'length',
  content_filter: 'content_filter',
  safety: 'content_filter',
};

// One that we do not know stays as it is.
function standardFinishReason(raw: string): string {
  if (Object.hasOwn(REASONS, raw)) return raw;
  const name = raw.toLowerCase();
  return Object.hasOwn(SYNONYMS, name) ? (SYNONYMS[name] ?? raw) : raw;
}

/** OpenAI's own word for a reason; its list is closed, so that one nobody knows reads as `stop`. */
export function relayedFinishReason(raw: string): string {
  const name = standardFinishReason(raw);
  return Object.hasOwn(REASONS, name) ? name : 'stop';
}

/** A finish reason in our words; what we do not know is `other`. */
export function mapFinishReason(raw: string): FinishReason {
  const name = standardFinishReason(raw);
  return Object.hasOwn(REASONS, name) ? (REASONS[name] ?? 'other') : 'other';
}
