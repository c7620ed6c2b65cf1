import { describe, expect, it } from '@jest/globals';
import { type RangeInput, toInstant, toReportRange } from './report-range.js';

const NOW = Date.parse('2026-03-29T22:30:00Z');

function rangeOf(input: RangeInput): [from: string, to: string] {
  const { from, to } = toReportRange(input, NOW, 30);
  return [from.toISOString().slice(0, 16), to.toISOString().slice(0, 16)];
}

describe(toReportRange.name, () => {
  it.each<[string, RangeInput, string, string]>([
    ['the last 30 days with the present one', {}, '2026-02-28T00:00', '2026-03-30T00:00'],
    // It is half past midnight on the 30th there, and the clocks went forward on the 29th.
    ['the same elsewhere', { time_zone: 'Europe/Berlin' }, '2026-02-28T23:00', '2026-03-30T22:00'],
    ['days', { from: '2026-01-01', to: '2026-01-03' }, '2026-01-01T00:00', '2026-01-03T00:00'],
    [
      'days elsewhere',
      { from: '2026-03-29', to: '2026-03-30', time_zone: 'Europe/Berlin' },
      '2026-03-28T23:00',
      '2026-03-29T22:00',
    ],
    [
      'times',
      { from: '2026-01-01T12:15:00Z', to: '2026-01-01T14:00:00+01:00' },
      '2026-01-01T12:15',
      '2026-01-01T13:00',
    ],
    ['30 days before a time', { to: '2026-01-31T06:00:00Z' }, '2026-01-01T00:00', '2026-01-31T06:00'],
    [
      'an unusual name of UTC',
      { from: '2026-01-01', to: '2026-01-02', time_zone: 'Etc/UTC' },
      '2026-01-01T00:00',
      '2026-01-02T00:00',
    ],
    // Midnight of this day did not exist in Beirut, and existed twice in Havana.
    [
      'a day without midnight',
      { from: '2026-03-29', to: '2026-03-30', time_zone: 'Asia/Beirut' },
      '2026-03-28T22:00',
      '2026-03-29T21:00',
    ],
    [
      'a day with two',
      { from: '2026-11-01', to: '2026-11-02', time_zone: 'America/Havana' },
      '2026-11-01T04:00',
      '2026-11-02T05:00',
    ],
    ['a leap day', { from: '2028-02-29', to: '2028-03-01' }, '2028-02-29T00:00', '2028-03-01T00:00'],
  ])('is %s', (_name, input, from, to) => {
    expect(rangeOf(input)).toEqual([from, to]);
  });

  it.each<[RangeInput, string]>([
    [{ from: '2026-02-29' }, '`from` is not a day of the calendar'],
    [{ from: '2026-02-29T00:00:00Z' }, '`from` must be a day like'],
    [{ from: '2026-13-01' }, '`from` is not a day of the calendar'],
    [{ from: '26-01-01' }, '`from` must be a day like'],
    [{ to: '2026-01-01T25:00:00Z' }, '`to` must be a day like'],
    [{ to: '2026-01-01T10:00:00' }, '`to` must be a day like'],
    [{ from: '2026-01-01T10:01:00Z' }, '`from` must lie on a quarter of an hour'],
    [{ from: '2026-01-02', to: '2026-01-01' }, '`from` must be before `to`'],
    [{ from: '2027-01-01' }, 'It must not lie in the future'],
    [{ from: '2024-01-01' }, 'at most 400 days'],
    [{ time_zone: 'Nowhere/At_all' }, '`time_zone` must be an IANA name'],
    [{ time_zone: '+02:00' }, '`time_zone` must be an IANA name'],
    [{ time_zone: "UTC'; drop" }, '`time_zone` must be an IANA name'],
  ])('refuses %j', (input, message) => {
    expect(() => rangeOf(input)).toThrow(message);
  });
});

describe(toInstant.name, () => {
  it('takes any fineness', () => {
    expect(toInstant('from', '2026-01-01T10:01:02.345-01:00').toISOString()).toBe('2026-01-01T11:01:02.345Z');
  });
});
