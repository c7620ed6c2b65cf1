import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { QueryFailedError, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { AppError } from '../core/errors/app-error.js';
import { toAppError } from './to-app-error.js';

const failed = (code: string): Error =>
  new QueryFailedError('select 1', [], Object.assign(new Error('select failed'), { code }));

describe('toAppError', () => {
  const away = new AppError('dependency_unavailable', 'The database is not available. Try again shortly.');

  it.each([
    ['an AppError', away, 'dependency_unavailable'],
    ['what TypeORM made of an AppError', new QueryFailedError('select 1', [], away), 'dependency_unavailable'],
    ['another failure of a query', new QueryFailedError('select 1', [], new Error('syntax')), 'internal_error'],
    ['a statement that took too long (O03)', failed('57014'), 'dependency_unavailable'],
    ['a conflict that lasted (O05)', failed('40P01'), 'dependency_unavailable'],
    ['a database that takes no changes', failed('25006'), 'dependency_unavailable'],
    ['a database whose disk is full (O08)', failed('53100'), 'storage_full'],
    ['a rule that was broken', failed('23505'), 'internal_error'],
    ["the framework's 404", new NotFoundException(), 'not_found'],
    ['a bug', new TypeError('x is not a function'), 'internal_error'],
    ['something that is no error', 'text', 'internal_error'],
  ])('%s', (_what, thrown, code) => {
    const error = toAppError(thrown);
    expect(error.code).toBe(code);
    expect(error.message).not.toMatch(/select|function|syntax/);
  });

  it.each([new QueryRunnerAlreadyReleasedError(), new QueryRunnerProviderAlreadyReleasedError()])(
    'takes the end of a transaction whose connection broke for what it is: %p',
    (thrown) => {
      expect(toAppError(thrown)).toMatchObject({ code: 'dependency_unavailable', retryAfterMs: 1_000, cause: thrown });
    },
  );
});
