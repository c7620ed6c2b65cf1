import { describe, expect, it } from '@jest/globals';
import { toProviderError } from './upstream-failure.js';

describe(toProviderError.name, () => {
  it('keeps the words of a refusal that the client can mend, and the parameter', () => {
    const error = toProviderError(
      { kind: 'invalid-request', status: 400, message: 'Too hot.', param: 'temperature' },
      null,
    );
    expect(error).toMatchObject({
      kind: 'invalid-request',
      status: 400,
      message: 'The provider rejected the request: Too hot.',
      param: 'temperature',
    });
  });

  it('says every other failure in our own words', () => {
    const error = toProviderError({ kind: 'server-error', message: 'stack trace', param: 'x', retryAfterMs: 5 }, null);
    expect(error).toMatchObject({ message: 'The provider failed.', param: undefined, retryAfterMs: 5 });
  });
});
