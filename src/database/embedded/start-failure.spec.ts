import { describe, expect, it } from '@jest/globals';
import { DatabaseStartError } from '../database-start-error.js';
import { embeddedFailed, unusableDataDir } from './start-failure.js';

describe('failures of a start on a data directory', () => {
  it('names the directory, the reason and the variable', () => {
    const error = unusableDataDir('/var/x', new Error("EACCES: permission denied, mkdir '/var/x'"));
    expect(error).toMatchObject({ name: 'DatabaseStartError', reason: 'unusable-data-dir' });
    expect(error.message).toMatch(/\/var\/x cannot be used: EACCES.*TRUNKLINE_DATA_DIR/);
  });

  it('leaves a failure that explains itself as it is', () => {
    const owned = new DatabaseStartError('owned-elsewhere', 'In use.');
    expect(unusableDataDir('/var/x', owned)).toBe(owned);
  });

  it.each([
    [{ name: 'ErrnoError', errno: 51 }, 'no space left'],
    [{ name: 'ErrnoError', errno: 99 }, 'system error 99'],
    [new Error('PGlite failed to initialize properly'), 'PGlite failed'],
    ['it ended', 'it ended'],
  ])('reads what the thread threw: %p', (cause, reason) => {
    const error = embeddedFailed('/var/x/postgres', cause);
    expect(error).toMatchObject({ reason: 'embedded-failed' });
    expect(error.message).toContain(`/var/x/postgres: ${reason}`);
  });
});
