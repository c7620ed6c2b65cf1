import type { ChatEvent } from '../../src/core/chat/chat-event.js';
import type { UsageMeter } from '../../src/usage/usage-meter.js';

const passOn = (events: AsyncIterable<ChatEvent>): AsyncIterableIterator<ChatEvent, undefined> =>
  events as AsyncIterableIterator<ChatEvent, undefined>;

/** Lets everything through and weighs nothing. */
export const noMeter: Pick<UsageMeter, 'admitChat'> = {
  admitChat: (request) => Promise.resolve({ request, meter: passOn, fail: () => undefined }),
};
