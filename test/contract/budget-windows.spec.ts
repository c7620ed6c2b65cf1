import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BudgetBench } from '../support/budget-bench.js';

let bench: BudgetBench;

describe('budget windows', () => {
  beforeAll(async () => {
    bench = await BudgetBench.open();
  });

  afterAll(async () => {
    await bench.close();
  });

  describe('windows of budgets', () => {
    it.each([
      ['day', 'UTC', '2026-03-31T23:59:59.999Z', '2026-03-31T00:00:00Z', '2026-04-01T00:00:00Z'],
      ['day', 'UTC', '2026-04-01T00:00:00.000Z', '2026-04-01T00:00:00Z', '2026-04-02T00:00:00Z'],
      ['week', 'UTC', '2026-03-01T12:00:00Z', '2026-02-23T00:00:00Z', '2026-03-02T00:00:00Z'],
      ['month', 'Asia/Kolkata', '2026-01-31T18:30:00Z', '2026-01-31T18:30:00Z', '2026-02-28T18:30:00Z'],
      // The days when the clocks change have 23 and 25 hours.
      ['day', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
      ['day', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
      ['week', 'America/New_York', '2026-03-08T20:00:00Z', '2026-03-02T05:00:00Z', '2026-03-09T04:00:00Z'],
      // Midnight does not exist on this day in Cairo, and is there twice on that day in Havana.
      ['day', 'Africa/Cairo', '2026-04-24T06:00:00Z', '2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z'],
      ['day', 'America/Havana', '2026-11-01T04:30:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
      ['day', 'America/Havana', '2026-11-01T05:30:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
      ['day', 'America/Havana', '2026-11-01T03:30:00Z', '2026-10-31T04:00:00Z', '2026-11-01T04:00:00Z'],
      ['total', 'UTC', '2026-11-01T03:30:00Z', '1970-01-01T00:00:00Z', 'infinity'],
      ['day', 'Atlantis/Capital', '2026-11-01T03:30:00Z', '2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z'],
    ])('O21 the %s in %s that holds %s begins at %s and ends at %s', async (window, zone, at, starts, ends) => {
      const [row] = await bench.dataSource.query<{ is_right: boolean; shown: string }[]>(
        `select starts = $4::timestamptz and ends = $5::timestamptz as is_right, starts || ' ' || ends as shown
         from budget_window_at($1, $2, $3::timestamptz)`,
        [window, zone, at, starts, ends],
      );
      expect(row).toMatchObject({ is_right: true });
    });

    it('O21 follow each other without gap or overlap through a year of every zone', async () => {
      const rows = await bench.dataSource.query<{ zone: string }[]>(
        `select distinct zone from unnest(array['Europe/London', 'America/Havana', 'Africa/Cairo', 'Australia/Lord_Howe',
              'Atlantic/Azores', 'Asia/Beirut', 'America/Asuncion', 'Pacific/Chatham', 'America/Nuuk']) as zone
        cross join generate_series(timestamptz '2026-01-01', '2027-01-01', interval '6 hours') as at
        cross join unnest(array['day', 'week', 'month']) as kind
        cross join lateral budget_window_at(kind, zone, at) as here
        cross join lateral budget_window_at(kind, zone, here.ends) as next
        cross join lateral budget_window_at(kind, zone, here.ends - interval '1 millisecond') as same
        where not (here.starts <= at and at < here.ends and next.starts = here.ends and same.starts = here.starts)`,
      );
      expect(rows).toEqual([]);
    });
  });
});
