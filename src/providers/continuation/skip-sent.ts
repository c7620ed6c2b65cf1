import { type ChatEvent, isContent } from '../../core/chat/chat-event.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';

/**
 * Reads an answer that began anew until it goes beyond `sent`, or ends there, and gives the event by which it does. Null when
 * it says something else, or less. Rejects as `events` does.
 */
export async function skipSent(events: ReadyIterator<ChatEvent>, sent: string): Promise<ChatEvent | null> {
  let position = 0;
  for (;;) {
    const event = events.take?.() ?? (await nextOf(events));
    if (!event) return null;
    if (event.type === 'reasoning-delta' || !(isContent(event) || event.type === 'finish')) continue;
    if (event.type !== 'text-delta') return position === sent.length ? event : null;
    const repeated = Math.min(event.text.length, sent.length - position);
    if (!sent.startsWith(event.text.slice(0, repeated), position)) return null;
    position += repeated;
    if (repeated < event.text.length) return { ...event, text: event.text.slice(repeated) };
  }
}

async function nextOf(events: ReadyIterator<ChatEvent>): Promise<ChatEvent | null> {
  const step = await events.next();
  return step.done === true ? null : step.value;
}
