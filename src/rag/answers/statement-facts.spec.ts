import { describe, expect, it } from '@jest/globals';
import { readFacts } from './statement-facts.js';

describe('readFacts', () => {
  it.each([
    ['It flies 11,000 km.', ['11000']],
    ['Es fliegt 11.000 km.', ['11000']],
    ['It flies 11\u00a0000 km at 3.5 or 3,5 m.', ['11000', '3.5']],
    ['In 1990 300 people came.', ['1990', '300']],
    ['1. Boil for eight minutes', ['8']],
    ['It costs $1,234,567.89.', ['1234567.89']],
    ['At 07:05', ['7', '5']],
    ['No number', []],
  ])('spells the numbers of %j alike', (text, numbers) => {
    expect([...readFacts(text).numbers]).toEqual(numbers);
  });

  it.each([
    [
      'The line was sold to Bell in New York, by Mr Watson of CO2 Ltd.',
      ['bell', 'new', 'york', 'mr', 'watso', 'co2', 'ltd'],
    ],
    ['Then it ended.', []],
  ])('finds the names in %j', (text, names) => {
    expect([...readFacts(text).names]).toEqual(names);
  });

  it.each([
    ['It does not cover trams.', ['cover']],
    ["It doesn't cover trams.", ['cover']],
    ['Es gilt nicht im Tarif.', ['tarif']],
    ['It covers not only trams.', []],
    ['It covers trams.', []],
  ])('sees what %j denies', (text, denied) => {
    expect([...readFacts(text).denied]).toEqual(denied);
  });
});
