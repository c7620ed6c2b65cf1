import { describe, expect, it } from '@jest/globals';
import { DatabaseStartError } from './database/database-start-error.js';
import { describeStartFailure, ListenError } from './start-failure.js';

const ADDRESS = { host: '10.0.0.9', port: 80 };

function systemError(code: string): Error {
  return Object.assign(new Error(`listen ${code}: 10.0.0.9:80`), { code });
}

describe('describeStartFailure', () => {
  it.each([
    ['EADDRINUSE', 'Another process listens on port 80 of 10.0.0.9. Stop it, or set PORT'],
    ['EACCES', 'may not listen on port 80 of 10.0.0.9. Set PORT'],
    ['EADDRNOTAVAIL', 'HOST=10.0.0.9 is no address of this machine'],
    ['EMFILE', 'cannot listen on port 80 of 10.0.0.9: listen EMFILE'],
  ])('says what to do about %s without a stack', (code, text) => {
    const message = describeStartFailure(new ListenError(ADDRESS, systemError(code), null));
    expect(message).toContain(text);
    expect(message).not.toMatch(/\n/);
  });

  it('shows the key that the failed start made', () => {
    expect(describeStartFailure(new ListenError(ADDRESS, systemError('EADDRINUSE'), 'tl_key'))).toContain('tl_key');
  });

  it('shows the message alone of what the operator can mend, and the stack of everything else', () => {
    expect(describeStartFailure(new DatabaseStartError('unreachable', 'Away.'))).toBe('Away.');
    expect(describeStartFailure(new TypeError('odd'))).toContain('start-failure.spec');
    expect(describeStartFailure('odd')).toBe('odd');
  });
});
