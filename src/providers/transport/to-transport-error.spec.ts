import { describe, expect, it } from '@jest/globals';
import { toTransportError } from './to-transport-error.js';

describe('toTransportError', () => {
  it.each([
    ['ECONNREFUSED', 'unreachable', undefined],
    ['ENOTFOUND', 'unreachable', 1],
    ['EAI_AGAIN', 'unreachable', 1],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'unreachable', 0],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'unreachable', 0],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unreachable', 0],
    ['CERT_HAS_EXPIRED', 'unreachable', 0],
    ['UND_ERR_CONNECT_TIMEOUT', 'connect-timeout', undefined],
  ])('while connecting, %s is %s with at most %s more tries', (code, kind, maxRetries) => {
    const error = toTransportError(Object.assign(new Error('of the platform'), { code }), 'connecting');
    expect(error).toMatchObject({ kind, maxRetries });
    expect(error.message).not.toContain('of the platform');
  });

  it.each([
    ['waiting', 'unreachable'],
    ['reading', 'interrupted'],
  ] as const)('a reset while %s is %s', (phase, kind) => {
    expect(toTransportError(Object.assign(new Error(), { code: 'ECONNRESET' }), phase)).toMatchObject({ kind });
  });
});
