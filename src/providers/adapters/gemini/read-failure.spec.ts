import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../core/json.js';
import type { UpstreamFailure } from '../../transport/upstream-failure.js';
import { readFailureBody, readFailureFrame } from './read-failure.js';

const FIXTURES = new URL('../../../../test/fixtures/wire/gemini/', import.meta.url);

function readFixture(name: string): UpstreamFailure {
  const file = readdirSync(FIXTURES).find((candidate) => candidate.startsWith(`${name}.`)) ?? name;
  return readFailureBody(Number(file.split('.')[1]), readFileSync(new URL(file, FIXTURES), 'utf8'));
}

function body(status: string, message = 'Said so.', reason?: string): string {
  return JSON.stringify({
    error: { code: 0, message, status, details: reason === undefined ? undefined : [{ reason }] },
  });
}

describe(readFailureBody.name, () => {
  it.each([
    ['invalid-key', { kind: 'authentication', status: 400 }],
    ['context-length', { kind: 'context-length', status: 400 }],
    ['bad-request', { kind: 'invalid-request', param: 'generation_config.temperature' }],
    ['minute-quota', { kind: 'rate-limited', retryAfterMs: 12_500 }],
    ['daily-quota', { kind: 'rate-limited', retryAfterMs: 60_000 }],
    ['overloaded', { kind: 'overloaded', status: 503, retryAfterMs: undefined }],
  ])('reads %s', (name, expected) => {
    expect(readFixture(name)).toMatchObject(expected);
  });

  it.each([
    [400, body('INVALID_ARGUMENT'), 'invalid-request'],
    [
      400,
      body('INVALID_ARGUMENT', 'Unable to submit request because the input token count is 2 but'),
      'context-length',
    ],
    [400, body('FAILED_PRECONDITION', 'User location is not supported for the API use.'), 'permission'],
    [401, body('UNAUTHENTICATED'), 'authentication'],
    [403, body('PERMISSION_DENIED'), 'permission'],
    [403, body('PERMISSION_DENIED', 'No billing.', 'BILLING_DISABLED'), 'quota-exhausted'],
    [404, body('NOT_FOUND'), 'model-not-found'],
    [429, body('RESOURCE_EXHAUSTED', 'Resource exhausted. Please try again later.'), 'rate-limited'],
    [429, body('RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted.'), 'quota-exhausted'],
    [429, body('RESOURCE_EXHAUSTED', 'Your project exceeded its monthly spending cap.'), 'quota-exhausted'],
    [499, body('CANCELLED'), 'server-error'],
    [500, body('INTERNAL'), 'server-error'],
    [504, body('DEADLINE_EXCEEDED'), 'timeout'],
    [400, body('constructor', 'x', 'constructor'), 'invalid-request'],
    [429, `[${body('RESOURCE_EXHAUSTED')}]`, 'rate-limited'],
    [502, '<html>Bad gateway</html>', 'server-error'],
    [503, '', 'overloaded'],
    [401, '{"error":"text"}', 'authentication'],
  ])('%i with %s is %s', (status, text, kind) => {
    expect(readFailureBody(status, text)).toMatchObject({ kind, status });
  });

  it.each(['later', '-1s', '1e9s', 7, null, '99999999999s'])('F07: no wait can be read from %j', (retryDelay) => {
    const text = JSON.stringify({ error: { status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay }] } });
    expect(readFailureBody(429, text).retryAfterMs).toBeUndefined();
  });
});

describe(readFailureFrame.name, () => {
  it.each<[JsonObject, string]>([
    [{ error: { code: 429, message: 'Slow' } }, 'rate-limited'],
    [{ error: { code: 503, status: 'UNAVAILABLE' } }, 'overloaded'],
    [{ error: { message: 'Oops' } }, 'server-error'],
    [{ error: 'Oops' }, 'server-error'],
  ])('%j is %s', (frame, kind) => {
    expect(readFailureFrame(frame).kind).toBe(kind);
  });
});
