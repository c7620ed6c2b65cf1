import type { FinishReason } from '../../core/chat/chat-event.js';

/** The word of the legacy completions for why a choice ended; their list is closed, and all else reads as `stop`. */
export function toLegacyFinishReason(reason: FinishReason | null): string {
  if (reason === 'length') return 'length';
  return reason === 'content-filter' ? 'content_filter' : 'stop';
}
