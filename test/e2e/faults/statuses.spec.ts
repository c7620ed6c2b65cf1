import { describe } from '@jest/globals';
import { FaultBench } from './fault-bench.js';
import { describeFaults, type Fault, useBench } from './fault-matrix.js';

const SICK = { calls: { alone: 3, withSibling: 2 }, breaker: 'counts' } as const;

const FAULTS: Fault[] = [
  {
    id: 'F08',
    name: 'their money has ended',
    script: (fake) => fake.failAs('quota-exhausted').forever(),
    failure: { status: 502, code: 'upstream_quota_exhausted' },
    kind: 'quota-exhausted',
    calls: { alone: 1, withSibling: 1 },
    breaker: 'spared',
    coolDown: 'quota-exhausted',
  },
  {
    id: 'F09',
    name: '500',
    script: (fake) => fake.failWith(500).forever(),
    failure: { status: 502, code: 'upstream_error' },
    kind: 'server-error',
    ...SICK,
  },
  {
    id: 'F10',
    name: '502 with a page',
    script: (fake) => fake.html(502).forever(),
    failure: { status: 502, code: 'upstream_error' },
    kind: 'server-error',
    ...SICK,
  },
  {
    id: 'F10',
    name: '503 with a page',
    script: (fake) => fake.html(503).forever(),
    failure: { status: 503, code: 'upstream_overloaded' },
    kind: 'overloaded',
    ...SICK,
  },
  {
    id: 'F11',
    name: '529',
    script: (fake) => fake.failWith(529).forever(),
    vendors: ['openai', 'anthropic'],
    failure: { status: 503, code: 'upstream_overloaded' },
    kind: 'overloaded',
    ...SICK,
  },
  {
    id: 'F11',
    name: 'overloaded, in the words of the vendor',
    script: (fake) => fake.failAs('overloaded').forever(),
    failure: { status: 503, code: 'upstream_overloaded' },
    kind: 'overloaded',
    ...SICK,
  },
  {
    id: 'F12',
    name: '401',
    script: (fake) => fake.failWith(401).forever(),
    failure: { status: 502, code: 'upstream_auth_failed' },
    kind: 'authentication',
    calls: { alone: 1, withSibling: 1 },
    breaker: 'spared',
    coolDown: 'authentication',
  },
  {
    id: 'F12',
    name: '403',
    script: (fake) => fake.failWith(403).forever(),
    failure: { status: 502, code: 'upstream_auth_failed' },
    kind: 'permission',
    calls: { alone: 1, withSibling: 1 },
    breaker: 'spared',
    coolDown: 'permission',
  },
  {
    id: 'F13',
    name: '400 that names a parameter',
    script: (fake) => fake.failWith(400).forever(),
    failure: {
      status: 400,
      code: 'upstream_rejected_request',
      param: { openai: 'temperature', anthropic: null, gemini: null },
    },
    kind: 'invalid-request',
    calls: { alone: 1, withSibling: null },
    breaker: 'spared',
  },
  {
    id: 'F13',
    name: '400 with a text only',
    script: (fake) => fake.failWith(400, { error: { message: 'Nobody says which.' } }).forever(),
    failure: { status: 400, code: 'upstream_rejected_request' },
    kind: 'invalid-request',
    calls: { alone: 1, withSibling: null },
    breaker: 'spared',
  },
  {
    id: 'F14',
    name: 'the context is too long',
    script: (fake) => fake.failAs('context-length').forever(),
    failure: {
      status: 400,
      code: 'context_length_exceeded',
      param: { openai: 'messages', anthropic: null, gemini: null },
    },
    kind: 'context-length',
    calls: { alone: 1, withSibling: null },
    breaker: 'spared',
  },
  {
    id: 'F15',
    name: 'the configured model is gone',
    script: (fake) => fake.failAs('model-not-found').forever(),
    failure: { status: 502, code: 'upstream_model_unavailable' },
    kind: 'model-not-found',
    calls: { alone: 1, withSibling: 1 },
    breaker: 'counts',
  },
];

describe('statuses', () => {
  const bench = new FaultBench();
  useBench(bench);
  describeFaults(bench, FAULTS);
});
