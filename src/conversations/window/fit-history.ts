import { AppError } from '../../core/errors/app-error.js';

/** A message with what it costs, in the order in which a model is told. */
export interface Sized {
  /** The turn that it is of; Infinity for what is said just now. */
  readonly turn: number;
  readonly role: string;
  readonly tokens: number;
}

/** What has to stay together: a message of the user and all that follows until the next one. */
export interface Exchange<T extends Sized> {
  readonly messages: readonly T[];
  readonly tokens: number;
  readonly lastTurn: number;
  /** Whether some of it is said just now, so that it cannot be left out. */
  readonly isCurrent: boolean;
}

/** Groups messages so that neither an answer loses its question nor a tool's result its call. */
export function toExchanges<T extends Sized>(messages: readonly T[]): Exchange<T>[] {
  const groups: T[][] = [];
  for (const message of messages) {
    const open = groups.at(-1);
    if (!open || (message.role === 'user' && open.some(({ role }) => role !== 'user'))) groups.push([message]);
    else open.push(message);
  }
  return groups.map((group) => ({
    messages: group,
    tokens: group.reduce((sum, { tokens }) => sum + tokens, 0),
    lastTurn: Math.max(...group.map(({ turn }) => (turn === Infinity ? 0 : turn))),
    isCurrent: group.some(({ turn }) => turn === Infinity),
  }));
}

/** How many of the exchanges, counted from the newest, `room` tokens hold; what is said just now is always among them. */
export function countFitting(exchanges: readonly Exchange<Sized>[], room: number): number {
  let left = room;
  let count = 0;
  for (const exchange of exchanges.toReversed()) {
    left -= exchange.tokens;
    if (left < 0 && !exchange.isCurrent) break;
    count += 1;
  }
  return count;
}

/** The message alone has no room in the window of the model. */
export function tooLong(tokens: number, room: number): AppError {
  return new AppError(
    'context_length_exceeded',
    `The message has about ${String(tokens)} tokens with its system text and tools; the context window of the model has ` +
      `room for ${String(Math.max(0, room))} besides an answer. Shorten it, or name a model with a larger window.`,
    { param: 'messages' },
  );
}
