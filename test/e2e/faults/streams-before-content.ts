import { STREAMS, WHOLE } from './surfaces.js';
import type { Fault } from './fault-matrix.js';

const BROKEN = {
  failure: { status: 502, code: 'upstream_error' },
  kind: 'interrupted',
  calls: { alone: 3, withSibling: 2 },
  breaker: 'counts',
} as const;

/** Answers that break before there is any content. */
export const BROKEN_BEGINNINGS: readonly Fault[] = [
  {
    id: 'F21',
    name: 'the head comes, the first content does not',
    script: (fake) => fake.slowFirst(60_000).forever(),
    failure: { status: 504, code: 'upstream_timeout' },
    kind: 'timeout',
    calls: { alone: 1, withSibling: 1 },
    breaker: 'counts',
    surfaces: STREAMS,
  },
  { id: 'F24', name: 'resets', script: (fake) => fake.resetAfter(0).forever(), surfaces: STREAMS, ...BROKEN },
  { id: 'F24', name: 'resets in the body', script: (fake) => fake.resetAfter(0).forever(), surfaces: WHOLE, ...BROKEN },
  {
    id: 'F25',
    name: 'ends the connection',
    script: (fake) => fake.cutAfter(0).forever(),
    surfaces: STREAMS,
    ...BROKEN,
  },
  {
    id: 'F25',
    name: 'ends the connection before the announced length',
    script: (fake) => fake.cutAfter(0).forever(),
    surfaces: WHOLE,
    ...BROKEN,
  },
  {
    id: 'F26',
    name: 'ends cleanly before there is anything',
    script: (fake) => fake.editFrames((frames) => frames.filter(({ kind }) => kind === 'open')).forever(),
    // Gemini's streams open with content, and so do those of completions; one without is empty, which is F19.
    surfaces: STREAMS.filter(({ dialect }) => dialect !== 'openai-completions'),
    vendors: ['openai', 'anthropic', 'responses'],
    ...BROKEN,
  },
  {
    id: 'F28',
    name: 'four events that are no JSON',
    script: (fake) => fake.malformedEvent(4, {}, 'before').forever(),
    failure: { status: 502, code: 'malformed_response' },
    kind: 'malformed',
    calls: { alone: 2, withSibling: 1 },
    breaker: 'counts',
    surfaces: STREAMS,
  },
  {
    id: 'F30',
    name: 'says that it is overloaded',
    script: (fake) => fake.errorFrameAfter(0).forever(),
    failure: { status: 503, code: 'upstream_overloaded' },
    kind: 'overloaded',
    calls: { alone: 3, withSibling: 2 },
    breaker: 'counts',
    surfaces: [...STREAMS, ...WHOLE],
  },
];
