import { expect } from '@jest/globals';
import type { ScriptedProvider } from '../../fakes/scripted-provider.js';
import { Canary } from '../../support/canary.js';
import { STREAMS, WHOLE } from './surfaces.js';
import type { Fault } from './fault-matrix.js';

const SICK = { calls: { alone: 3, withSibling: 2 }, breaker: 'counts' } as const;
// One surface that is not streamed and one that is, of different dialects.
const TWO = [...WHOLE.slice(0, 1), ...STREAMS.slice(-2, -1)];

/** Faults below the answer. */
export const CONNECTION_FAULTS: readonly Fault[] = [
  {
    id: 'F01',
    name: 'nobody listens',
    script: async (fake: ScriptedProvider) => {
      await fake.refuse();
      return () => fake.start();
    },
    failure: { status: 502, code: 'upstream_unreachable' },
    kind: 'unreachable',
    arrives: false,
    ...SICK,
  },
  {
    id: 'F01',
    name: 'resets instead of answering',
    script: (fake) => fake.resetAtOnce().forever(),
    failure: { status: 502, code: 'upstream_unreachable' },
    kind: 'unreachable',
    ...SICK,
  },
  {
    id: 'F05',
    name: 'accepts and never answers',
    script: (fake) => fake.hang().forever(),
    failure: { status: 504, code: 'upstream_timeout' },
    kind: 'timeout',
    calls: { alone: 1, withSibling: 1 },
    breaker: 'counts',
    bill: 'prompt',
  },
  ...[301, 302, 303, 307, 308].map((status): Fault => ({
    id: 'F40',
    name: `redirects with ${String(status)}`,
    script: async (fake) => {
      const canary = new Canary();
      await canary.start();
      fake.redirect(canary.url, status).forever();
      return () => {
        canary.stop();
        expect(canary.visits).toBe(0);
      };
    },
    failure: { status: 502, code: 'upstream_error' },
    kind: 'redirect',
    calls: { alone: 1, withSibling: 1 },
    breaker: 'counts',
    ...(status === 307 ? {} : { surfaces: TWO }),
  })),
  ...(
    [
      ['a garbage status line', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
      ['101', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
      ['a flood of interim answers', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1_000)],
      ['10,000 headers', `HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(10_000)}\r\n`],
      ['a header of 1 MB', `HTTP/1.1 200 OK\r\nx-a: ${'b'.repeat(1_000_000)}\r\n\r\n`],
    ] as const
  ).map(([name, bytes], position): Fault => ({
    id: 'F41',
    name: `answers ${name}`,
    script: (fake) => fake.raw(bytes).forever(),
    failure: { status: 502, code: 'malformed_response' },
    kind: 'malformed',
    calls: { alone: 2, withSibling: 1 },
    breaker: 'counts',
    ...(position === 0 ? {} : { surfaces: TWO }),
  })),
];
