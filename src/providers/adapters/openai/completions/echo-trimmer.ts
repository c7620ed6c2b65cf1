import type { ChatEvent, LogprobEntry } from '../../../../core/chat/chat-event.js';
import { isJsonObject } from '../../../../core/json.js';

/**
 * Takes a prompt that a provider repeats before its answer out of the events, so that nobody takes it for what the model
 * wrote. It stays on the wire. One stands before each choice.
 */
export class EchoTrimmer {
  readonly #echo: string;
  /** What is still to come of it, by choice. */
  readonly #left = new Map<number, string>();

  constructor(echo: string) {
    this.#echo = echo;
  }

  trim(event: ChatEvent): ChatEvent {
    if (event.type !== 'text-delta') return event;
    const left = this.#left.get(event.choice) ?? this.#echo;
    const known = commonLength(left, event.text);
    // What is told in other words is no echo, and all of it is the answer.
    const isEcho = known === left.length || known === event.text.length;
    this.#left.set(event.choice, isEcho ? left.slice(known) : '');
    if (!isEcho || known === 0) return event;
    const { wire } = event;
    if (known === event.text.length) return wire ? { type: 'passthrough', wire } : { type: 'passthrough' };
    return {
      ...event,
      text: event.text.slice(known),
      ...(event.logprobs && { logprobs: behind(event.logprobs, known) }),
    };
  }
}

function commonLength(left: string, right: string): number {
  const most = Math.min(left.length, right.length);
  return left.slice(0, most) === right.slice(0, most) ? most : 0;
}

function behind(entries: readonly LogprobEntry[], characters: number): LogprobEntry[] {
  let position = 0;
  return entries.filter((entry) => {
    const start = position;
    position += isJsonObject(entry) && typeof entry.token === 'string' ? entry.token.length : 0;
    return start >= characters;
  });
}
