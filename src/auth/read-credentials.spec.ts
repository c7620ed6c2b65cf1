import { describe, expect, it } from '@jest/globals';
import { AppError } from '../core/errors/app-error.js';
import { readCredentials } from './read-credentials.js';

function outcome(headers: readonly string[]): string {
  try {
    return `key ${readCredentials(headers)}`;
  } catch (error) {
    return error instanceof AppError ? error.code : 'another error';
  }
}

describe('readCredentials', () => {
  it.each<[string, string[], string]>([
    ['no header', ['Host', 'a'], 'missing_api_key'],
    ['an empty Authorization', ['Authorization', ''], 'missing_api_key'],
    ['Bearer alone', ['Authorization', 'Bearer'], 'missing_api_key'],
    ['Bearer and spaces', ['Authorization', 'Bearer  '], 'missing_api_key'],
    ['an empty X-API-Key', ['X-API-Key', ' '], 'missing_api_key'],
    ['Basic', ['Authorization', 'Basic dTpw'], 'invalid_api_key'],
    ['Token', ['Authorization', 'Token x'], 'invalid_api_key'],
    ['a key without a scheme', ['Authorization', 'tl_x'], 'invalid_api_key'],
    ['Bearer', ['Authorization', 'Bearer k1'], 'key k1'],
    ['bearer in small letters', ['authorization', 'bearer k1'], 'key k1'],
    ['Bearer with more spaces', ['Authorization', 'Bearer   k1 '], 'key k1'],
    ['X-API-Key', ['x-api-key', 'k1'], 'key k1'],
    ['a preset with spaces', ['X-API-Key', 'correct horse battery'], 'key correct horse battery'],
    ['both, equal', ['Authorization', 'Bearer k1', 'X-API-Key', 'k1'], 'key k1'],
    ['both, different', ['Authorization', 'Bearer k1', 'X-API-Key', 'k2'], 'ambiguous_credentials'],
    ['both, one empty', ['Authorization', 'Bearer ', 'X-API-Key', 'k2'], 'key k2'],
    ['Basic and X-API-Key', ['Authorization', 'Basic dTpw', 'X-API-Key', 'k1'], 'ambiguous_credentials'],
    ['two Authorizations', ['Authorization', 'Bearer k1', 'authorization', 'Bearer k2'], 'ambiguous_credentials'],
    ['one Authorization twice', ['Authorization', 'Bearer k1', 'Authorization', 'Bearer k1'], 'ambiguous_credentials'],
    ['two X-API-Keys', ['X-API-Key', 'k1', 'X-Api-Key', 'k2'], 'ambiguous_credentials'],
  ])('%s', (_name, headers, expected) => {
    expect(outcome(headers)).toBe(expected);
  });

  it('never shows what was sent', () => {
    const send = (): string => readCredentials(['Authorization', 'Basic c2VjcmV0', 'X-API-Key', 'also-secret']);
    expect(send).toThrow(expect.not.objectContaining({ message: expect.stringMatching(/c2VjcmV0|also-secret/) }));
  });
});
