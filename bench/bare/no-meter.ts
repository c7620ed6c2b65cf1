import type { ChatEvent } from '../../src/core/chat/chat-event.js';
import type { ChatMeter, UsageMeter } from '../../src/usage/usage-meter.js';

const METER: ChatMeter = {
  meter: (events) => events as AsyncIterableIterator<ChatEvent, undefined>,
  fail: () => undefined,
};
const ADMITTED = Promise.resolve(METER);

/** Lets everything through and weighs nothing. */
export const noMeter: Pick<UsageMeter, 'admitChat'> = { admitChat: () => ADMITTED };
