import { describe, expect, it } from '@jest/globals';
import { readFailureBody, readFailureFrame } from './read-failure.js';

describe(readFailureBody.name, () => {
  it.each<[number, string, string, string]>([
    [400, 'invalid_request_error', 'max_tokens: required', 'invalid-request'],
    [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'context-length'],
    [400, 'invalid_request_error', 'messages: the prompt is too long', 'invalid-request'],
    [401, 'authentication_error', 'invalid x-api-key', 'authentication'],
    [402, 'billing_error', 'x', 'quota-exhausted'],
    [403, 'permission_error', 'x', 'permission'],
    [404, 'not_found_error', 'model: x', 'model-not-found'],
    [413, 'request_too_large', 'x', 'invalid-request'],
    [429, 'rate_limit_error', 'x', 'rate-limited'],
    [500, 'api_error', 'x', 'server-error'],
    [529, 'overloaded_error', 'Overloaded', 'overloaded'],
    [504, 'timeout_error', 'x', 'timeout'],
    [418, 'new_kind_of_error', 'x', 'invalid-request'],
  ])('%i %s "%s" is %s', (status, type, message, kind) => {
    const body = JSON.stringify({ type: 'error', error: { type, message } });
    expect(readFailureBody(status, body)).toMatchObject({ kind, status, message });
  });

  it('takes a spent limit for that, whatever the status', () => {
    const error = { type: 'rate_limit_error', message: 'x', details: { error_code: 'enforced_spend_limit_reached' } };
    expect(readFailureBody(429, JSON.stringify({ error })).kind).toBe('quota-exhausted');
  });

  it.each([
    [401, 'authentication'],
    [403, 'permission'],
  ])('F12: keeps what is said with %i to itself, whatever its type', (status, kind) => {
    const error = { type: 'invalid_request_error', message: 'Key sk-1 of org-2 is not welcome.' };
    expect(readFailureBody(status, JSON.stringify({ error }))).toEqual({ kind, status });
  });

  it('goes by the status of a page', () => {
    expect(readFailureBody(503, '<html>').kind).toBe('overloaded');
  });

  it('reads an error frame without a status', () => {
    expect(readFailureFrame({ type: 'error', error: { type: 'overloaded_error' } }).kind).toBe('overloaded');
    expect(readFailureFrame({ type: 'error' }).kind).toBe('server-error');
  });
});
