import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toForeignDays } from './foreign-days.js';
import { toReportRange } from './report-range.js';

const HOUR_MS = 3_600_000;

function foreignDays(from: string, to: string, timeZone: string): ReturnType<typeof toForeignDays> {
  return toForeignDays(toReportRange({ from, to, time_zone: timeZone }, 0, 30));
}

describe(toForeignDays.name, () => {
  it('moves what begins later or earlier than the day of UTC', () => {
    expect(foreignDays('2026-01-01', '2026-01-03', 'Europe/Berlin')).toEqual({
      days: [{ begins: '2026-01-01T00:00:00.000Z', day: '2026-01-01' }],
      moves: [
        { begins: '2025-12-31T23:00:00.000Z', ends: '2026-01-01T00:00:00.000Z', day: '2026-01-01', countedAs: null },
        {
          begins: '2026-01-01T23:00:00.000Z',
          ends: '2026-01-02T00:00:00.000Z',
          day: '2026-01-02',
          countedAs: '2026-01-01',
        },
        { begins: '2026-01-02T00:00:00.000Z', ends: '2026-01-02T23:00:00.000Z', day: '2026-01-02', countedAs: null },
      ],
    });
  });

  it('counts a day as the one there that it has most of', () => {
    const { days, moves } = foreignDays('2026-01-01', '2026-02-01', 'Pacific/Auckland');
    expect(days[0]).toEqual({ begins: '2026-01-01T00:00:00.000Z', day: '2026-01-02' });
    const hours = moves
      .filter(({ countedAs }) => countedAs !== null)
      .map(({ begins, ends }) => (Date.parse(ends) - Date.parse(begins)) / HOUR_MS);
    expect(new Set(hours)).toEqual(new Set([11]));
  });

  it('moves nothing in a zone with the clocks of UTC', () => {
    const { days, moves } = foreignDays('2026-01-01', '2026-02-01', 'Africa/Abidjan');
    expect([days.length, moves]).toEqual([31, []]);
  });

  it('gives every quarter of an hour to the day that it is of, whatever the clocks do', () => {
    const zones = [
      'America/Havana',
      'America/Santiago',
      'Asia/Beirut',
      'Pacific/Apia',
      'Europe/Berlin',
      'Asia/Kathmandu',
    ];
    const first = Date.parse('2011-01-01T00:00:00Z') / 900_000;
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: first, max: first + 96 * 5_000 }),
        fc.integer({ min: 1, max: 96 * 20 }),
        (timeZone, start, length) => {
          const [from, to] = [new Date(start * 900_000), new Date((start + length) * 900_000)];
          const { days, moves } = toForeignDays({ from, to, timeZone });
          const format = new Intl.DateTimeFormat('sv', { timeZone });
          const wrong: string[] = [];
          for (let ms = from.getTime(); ms < to.getTime(); ms += 900_000) {
            const midnight = new Date(Math.floor(ms / 86_400_000) * 86_400_000).toISOString();
            const counted = days.find(({ begins }) => begins === midnight)?.day ?? null;
            const moved = moves.find(({ begins, ends }) => Date.parse(begins) <= ms && ms < Date.parse(ends));
            if (moved && moved.countedAs !== counted) wrong.push(moved.begins);
            if ((moved?.day ?? counted) !== format.format(ms)) wrong.push(new Date(ms).toISOString());
          }
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
