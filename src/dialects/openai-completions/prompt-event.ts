import type { ChatEvent } from '../../core/chat/chat-event.js';

/** A step of the answer to one of several prompts, which are counted from 0. */
export interface PromptEvent {
  readonly prompt: number;
  readonly event: ChatEvent;
}
