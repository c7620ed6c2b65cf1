import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addMoney, toMoney, toScaled } from './money.js';

describe('toScaled', () => {
  it.each<[string, number, bigint]>([
    ['0', 12, 0n],
    ['2.5', 12, 2_500_000_000_000n],
    ['0.003625', 12, 3_625_000_000n],
    ['1e-7', 12, 100_000n],
    ['1.5e+3', 2, 150_000n],
    ['0.129', 2, 12n],
    ['-0.5', 2, -50n],
  ])('%s to %d digits is %s', (decimal, digits, expected) => {
    expect(toScaled(decimal, digits)).toBe(expected);
  });

  it.each(['', 'NaN', 'Infinity', '1,5', '0x10', '1.'])('refuses %j', (text) => {
    expect(() => toScaled(text, 2)).toThrow('is not a decimal number');
  });
});

describe('toMoney', () => {
  it.each<[bigint, string]>([
    [0n, '0.0000000000'],
    [1n, '0.0000000001'],
    [123_456_789_012n, '12.3456789012'],
  ])('%s is %s', (scaled, expected) => {
    expect(toMoney(scaled, 10)).toBe(expected);
  });

  it.each<[bigint, string]>([
    [149n, '0.0000000001'],
    [150n, '0.0000000002'],
    [49n, '0.0000000000'],
  ])('rounds %s of 10^-12 half up to %s', (scaled, expected) => {
    expect(toMoney(scaled, 12)).toBe(expected);
  });
});

describe('addMoney', () => {
  it('adds what floats cannot', () => {
    expect(addMoney('0.1000000000', '0.2000000000')).toBe('0.3000000000');
    expect(addMoney('9999999999.9999999999', '0.0000000001')).toBe('10000000000.0000000000');
  });

  it('does not depend on the order', () => {
    const money = fc.bigInt({ min: 0n, max: 10n ** 20n }).map((scaled) => toMoney(scaled, 10));
    fc.assert(
      fc.property(money, money, money, (a, b, c) => {
        expect(addMoney(addMoney(a, b), c)).toBe(addMoney(a, addMoney(c, b)));
      }),
    );
  });
});
