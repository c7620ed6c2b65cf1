import { describe, expect, it } from '@jest/globals';
import { readFailureBody } from './read-failure.js';

describe(readFailureBody.name, () => {
  it.each<[number, unknown, string]>([
    [400, { error: { message: 'Bad', type: 'invalid_request_error', param: 'n', code: null } }, 'invalid-request'],
    [400, { error: { code: 'context_length_exceeded' } }, 'context-length'],
    [400, { error: { code: 'content_policy_violation' } }, 'content-filter'],
    [400, { error: { code: 'content_filter' } }, 'content-filter'],
    [401, { error: { code: 'invalid_api_key' } }, 'authentication'],
    [402, {}, 'quota-exhausted'],
    [403, {}, 'permission'],
    [404, { error: { code: 'model_not_found' } }, 'model-not-found'],
    [404, '<html>', 'model-not-found'],
    [408, {}, 'timeout'],
    [409, {}, 'server-error'],
    [413, {}, 'invalid-request'],
    [422, { message: 'Unprocessable' }, 'invalid-request'],
    [429, { error: { type: 'requests', code: 'rate_limit_exceeded' } }, 'rate-limited'],
    [429, { error: { type: 'insufficient_quota', code: null } }, 'quota-exhausted'],
    [429, [{ error: { code: 429, message: 'Quota' } }], 'rate-limited'],
    [500, {}, 'server-error'],
    [502, '', 'server-error'],
    [503, {}, 'overloaded'],
    [504, {}, 'timeout'],
    [529, {}, 'overloaded'],
    [
      400,
      { error: { code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
      'content-filter',
    ],
    [400, { error: { code: null, innererror: { code: 'ResponsibleAIPolicyViolation' } } }, 'content-filter'],
    [401, { error: { code: '401', message: 'Access denied due to invalid subscription key.' } }, 'authentication'],
    [401, { statusCode: 401, message: 'Unauthorized' }, 'authentication'],
    [404, { error: { code: 'DeploymentNotFound', message: 'x' } }, 'model-not-found'],
    [429, { error: { code: '429', message: 'Please retry after 7 seconds.' } }, 'rate-limited'],
    [403, { error: { code: 403, message: 'x', metadata: { reasons: ['x'], flagged_input: 'y' } } }, 'content-filter'],
    [400, { error: { code: 400, type: 'exceed_context_size_error', message: 'x' } }, 'context-length'],
    [
      400,
      { object: 'error', message: "This model's maximum context length is 4096 tokens.", code: 400 },
      'context-length',
    ],
    [400, { error: "prompt exceeds the model's context length" }, 'context-length'],
    [500, { error: { message: 'maximum context length', code: 500 } }, 'server-error'],
  ])('%i %j is %s', (status, body, kind) => {
    expect(readFailureBody(status, typeof body === 'string' ? body : JSON.stringify(body))).toMatchObject({
      kind,
      status,
    });
  });

  it('F12: takes a 401 for what it is, whatever code it has, and keeps its words to itself', () => {
    const error = { code: 'content_filter', message: 'Key sk-1 of org-2 is not welcome.' };
    expect(readFailureBody(401, JSON.stringify({ error }))).toEqual({ kind: 'authentication', status: 401 });
    const spent = { code: 'insufficient_quota' };
    expect(readFailureBody(401, JSON.stringify({ error: spent })).kind).toBe('quota-exhausted');
  });

  it('finds message and parameter in every form', () => {
    const said = { message: 'Bad n', param: 'n' };
    for (const body of [{ error: said }, said, [{ error: said }]]) {
      expect(readFailureBody(400, JSON.stringify(body))).toMatchObject(said);
    }
    expect(readFailureBody(400, '{"error":"Bad n"}')).toMatchObject({ message: 'Bad n' });
  });
});
