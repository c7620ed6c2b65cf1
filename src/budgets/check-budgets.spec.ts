import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkBudgets, MOST_BUDGETS, type WantedBudget } from './check-budgets.js';

const check = (wanted: Partial<WantedBudget>): unknown => checkBudgets([{ window: 'day', amountUsd: 1, ...wanted }])[0];

describe('checkBudgets', () => {
  it('fills in what was left out', () => {
    expect(check({})).toEqual({ window: 'day', amountUsd: '1.0000000000', timeZone: 'UTC', model: null });
  });

  it.each<[string | number, string]>([
    [0, '0.0000000000'],
    ['0', '0.0000000000'],
    [0.1, '0.1000000000'],
    [1e-7, '0.0000001000'],
    ['0.1234567891', '0.1234567891'],
    ['12.500000000000', '12.5000000000'],
    [1_000_000_000, '1000000000.0000000000'],
  ])('keeps %j as %s', (amountUsd, kept) => {
    expect(check({ amountUsd })).toMatchObject({ amountUsd: kept });
  });

  it('keeps every amount with ten places exactly', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 19n }).map((scaled) => {
      const text = scaled.toString().padStart(11, '0');
      return `${text.slice(0, -10)}.${text.slice(-10)}`;
    });
    fc.assert(
      fc.property(amount, (amountUsd) => {
        expect(check({ amountUsd })).toMatchObject({ amountUsd });
      }),
    );
  });

  it.each<[Partial<WantedBudget>, string]>([
    [{ window: 'year' }, 'window` must be one of day, week, month, total'],
    [{ window: 'constructor' }, 'window'],
    [{ amountUsd: -1 }, 'amount_usd` must be an amount of US dollars'],
    [{ amountUsd: NaN }, 'amount_usd'],
    [{ amountUsd: Infinity }, 'amount_usd'],
    [{ amountUsd: '1,5' }, 'amount_usd'],
    [{ amountUsd: ' 1' }, 'amount_usd'],
    [{ amountUsd: '' }, 'amount_usd'],
    [{ amountUsd: '0x10' }, 'amount_usd'],
    [{ amountUsd: '1e999' }, 'amount_usd'],
    [{ amountUsd: '9'.repeat(1_000) }, 'amount_usd'],
    [{ amountUsd: '0.12345678912' }, 'amount_usd` must have at most 10 decimal places'],
    [{ amountUsd: 1e-11 }, 'at most 10 decimal places'],
    [{ amountUsd: 5e-99 }, 'at most 10 decimal places'],
    [{ amountUsd: 1_000_000_001 }, 'amount_usd` must be at most 1000000000'],
    [{ timeZone: 'Berlin' }, 'time_zone` must be the IANA name'],
    [{ timeZone: '+02:00' }, 'time_zone'],
    [{ timeZone: "UTC'; drop table budget" }, 'time_zone'],
    [{ timeZone: '' }, 'time_zone'],
    [{ model: '' }, 'model` must be the name of a model'],
    [{ model: '*openai' }, 'model'],
    [{ model: 'a b' }, 'model'],
    [{ model: 'm'.repeat(301) }, 'model'],
  ])('refuses %j', (wanted, message) => {
    const param = `budgets[0].${/^\w+/.exec(message)?.[0] ?? ''}`;
    expect(() => check(wanted)).toThrow(message);
    expect(() => check(wanted)).toThrow(
      expect.objectContaining({ code: 'invalid_value', param: expect.stringContaining(param.slice(0, 10)) as unknown }),
    );
  });

  it('knows a zone in any letters, and that all time has none', () => {
    expect(check({ timeZone: 'europe/berlin' })).toMatchObject({ timeZone: 'Europe/Berlin' });
    expect(check({ timeZone: 'Etc/UTC' })).toMatchObject({ timeZone: 'UTC' });
    expect(check({ window: 'total', timeZone: 'Europe/Berlin' })).toMatchObject({ timeZone: 'UTC' });
  });

  it('refuses two that differ in nothing but the amount, and more than can be', () => {
    const day = { window: 'day', amountUsd: 1 };
    expect(() => checkBudgets([day, { ...day, amountUsd: 2, timeZone: 'utc' }])).toThrow('budgets[1]` has the window');
    expect(checkBudgets([day, { ...day, model: 'smart' }, { ...day, timeZone: 'Asia/Tokyo' }])).toHaveLength(3);
    const many = Array.from({ length: MOST_BUDGETS + 1 }, (_, index) => ({ ...day, model: `m${String(index)}` }));
    expect(() => checkBudgets(many)).toThrow('at most 20 are possible');
    expect(checkBudgets(many.slice(1))).toHaveLength(MOST_BUDGETS);
  });
});
