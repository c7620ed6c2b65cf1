import type { FinishReason } from '../../../core/chat/chat-event.js';

const REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
};

/** Gemini's finish reason in our words; what we do not know is `other`. A stop after function calls is a stop for them. */
export function mapFinishReason(raw: string, hasCalls: boolean): FinishReason {
  const reason = Object.hasOwn(REASONS, raw) ? REASONS[raw] : undefined;
  return reason === 'stop' && hasCalls ? 'tool-calls' : (reason ?? 'other');
}
