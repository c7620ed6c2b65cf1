import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { parseRetryAfter } from './parse-retry-after.js';

describe(parseRetryAfter.name, () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1, 12, 0, 0));

  it.each<[string, Record<string, string | string[]>, number | undefined]>([
    ['nothing', {}, undefined],
    ['seconds', { 'retry-after': '2' }, 2000],
    ['parts of seconds', { 'retry-after': '0.5' }, 500],
    ['an hour', { 'retry-after': '3600' }, 3_600_000],
    ['milliseconds before seconds', { 'retry-after-ms': '150', 'retry-after': '9' }, 150],
    ['garbage milliseconds, then seconds', { 'retry-after-ms': 'soon', 'retry-after': '9' }, 9000],
    ['a date', { 'retry-after': 'Thu, 01 Jan 2026 12:00:30 GMT' }, 30_000],
    ['a date in the old form', { 'retry-after': 'Thursday, 01-Jan-26 12:00:30 GMT' }, 30_000],
    ['a date in the past', { 'retry-after': 'Wed, 31 Dec 2025 12:00:00 GMT' }, 0],
    ['a negative wait', { 'retry-after': '-5' }, 0],
    ['garbage', { 'retry-after': 'later' }, undefined],
    ['a bare year', { 'retry-after': '2026-01-01' }, undefined],
    ['a number no clock can hold', { 'retry-after': '9'.repeat(400) }, undefined],
    ['an empty value', { 'retry-after': '' }, undefined],
    ['two values', { 'retry-after': ['3', '4'] }, 3000],
  ])('reads %s', (_what, headers, expected) => {
    expect(parseRetryAfter(headers, clock)).toBe(expected);
  });
});
