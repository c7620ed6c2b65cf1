import type { BrokenStream } from './broken-streams.js';

const REPLY = { pieces: ['One', ' two', ' three'] };

/** Streams that break when there was content. */
export const BROKEN_STREAMS: readonly BrokenStream[] = [
  { id: 'F22', name: 'stalls', script: (fake) => fake.stallAfter(2, REPLY), kind: 'timeout', isClosedByUs: true },
  {
    id: 'F23',
    name: 'drips one event byte by byte',
    // Bytes come all the time, and no event is ever whole: its first one and a half came before.
    script: (fake) => fake.drip(2, { byteDelayMs: 20, reply: REPLY }),
    kind: 'timeout',
    isClosedByUs: true,
  },
  { id: 'F24', name: 'resets', script: (fake) => fake.resetAfter(2, REPLY), kind: 'interrupted' },
  { id: 'F25', name: 'ends the connection', script: (fake) => fake.cutAfter(2, REPLY), kind: 'interrupted' },
  { id: 'F26', name: 'ends cleanly, unfinished', script: (fake) => fake.noFinish(REPLY), kind: 'interrupted' },
  { id: 'F28', name: 'four unreadable events', script: (fake) => fake.malformedEvent(4, REPLY), kind: 'malformed' },
  { id: 'F30', name: 'an error frame', script: (fake) => fake.errorFrameAfter(2, REPLY), kind: 'overloaded' },
];
