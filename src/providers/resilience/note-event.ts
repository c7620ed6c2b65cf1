import type { Attempt } from '../../core/attempt.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';

/** Keeps what the bill needs of an event: the last usage, and how much text was delivered. */
export function noteEvent(record: Attempt, event: ChatEvent): void {
  switch (event.type) {
    case 'text-delta':
    case 'refusal-delta':
    case 'reasoning-delta':
      record.deliveredCharacters += event.text.length;
      return;
    case 'tool-call-start':
      record.deliveredCharacters += event.name.length;
      return;
    case 'tool-call-delta':
      record.deliveredCharacters += event.argumentsDelta.length;
      return;
    case 'usage':
      record.usage = event.usage;
      return;
    default:
      return;
  }
}
