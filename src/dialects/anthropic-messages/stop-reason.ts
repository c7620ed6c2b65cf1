import type { FinishReason } from '../../core/chat/chat-event.js';
import type { JsonObject } from '../../core/json.js';

/** What is known of an answer's end. */
export interface AnswerEnd {
  readonly finishReason: FinishReason | null;
  readonly rawFinishReason?: string;
  /** The stop sequence that the model wrote. */
  readonly stopSequence?: string;
  readonly hasToolCalls: boolean;
  readonly hasRefusal: boolean;
}

const NAMES: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  other: 'end_turn',
};
/** Anthropic's own reasons that ours cannot tell. */
const RELAYED: ReadonlySet<string> = new Set(['pause_turn', 'model_context_window_exceeded']);

/** Why an answer ended in Anthropic's words, whose list is closed: `stop_reason` and what belongs to it. */
export function renderStop(end: AnswerEnd): JsonObject {
  const reason = toReason(end);
  return {
    stop_reason: reason,
    stop_sequence: reason === 'stop_sequence' ? (end.stopSequence ?? null) : null,
    stop_details: reason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null,
  };
}

function toReason({ finishReason, rawFinishReason = '', stopSequence, hasToolCalls, hasRefusal }: AnswerEnd): string {
  if (RELAYED.has(rawFinishReason)) return rawFinishReason;
  if (hasRefusal) return 'refusal';
  if (finishReason === null || finishReason === 'stop' || finishReason === 'other') {
    // Some servers call the end of an answer with tool calls an ordinary one.
    if (hasToolCalls) return 'tool_use';
    if (stopSequence !== undefined) return 'stop_sequence';
  }
  return finishReason === null ? 'end_turn' : NAMES[finishReason];
}
