import { describe, expect, it } from '@jest/globals';
import { AppError } from '../core/errors/app-error.js';
import { toAvailabilityError } from './connection-failure.js';

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code });

describe('toAvailabilityError', () => {
  it.each<[string, Error]>([
    ['an administrator ended the connection', withCode('57P01')],
    ['the server crashed', withCode('57P02')],
    ['the server is starting', withCode('57P03')],
    ['the connection failed', withCode('08006')],
    ['there are too many connections', withCode('53300')],
    ['nobody listens', withCode('ECONNREFUSED')],
    ['the socket is gone', withCode('ENOENT')],
    ['the driver lost the connection', new Error('Connection terminated unexpectedly')],
  ])('is dependency_unavailable when %s', (_, error) => {
    const result = toAvailabilityError(error);
    expect(result).toBeInstanceOf(AppError);
    expect(result).toMatchObject({ code: 'dependency_unavailable', cause: error, retryAfterMs: 1_000 });
  });

  it.each<[string, Error]>([
    ['a unique violation', withCode('23505')],
    ['a serialization failure', withCode('40001')],
    ['a statement timeout', withCode('57014')],
    ['an error without a code', new Error('syntax error')],
  ])('leaves %s as it is', (_, error) => {
    expect(toAvailabilityError(error)).toBe(error);
  });
});
