import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, type ErrorCode } from '../../src/core/errors/error-codes.js';
import { statusOf } from '../../src/http/status-table.js';

describe('docs/errors.md', () => {
  it('lists every code with its status, and no other', () => {
    const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| *(\d{3}) *\| *`(\w+)` *\| *\S/gm)].map(
      (row) => `${row[2] ?? ''} ${row[1] ?? ''}`,
    );
    const actual = (Object.keys(ERROR_CODES) as ErrorCode[]).map((code) => `${code} ${String(statusOf(code))}`);
    expect(listed.sort()).toEqual(actual.sort());
  });
});
