import { describe, expect, it } from '@jest/globals';
import { catalogEntry } from '../../../test/support/catalog-entry.js';
import { readBuiltInCatalog, readCatalog } from './read-catalog.js';

const prices = { input: 1, output: 2 };
const good = catalogEntry({ vendor: 'openai', model: 'm', prices });

function problemsOf(...models: unknown[]): readonly string[] {
  return readCatalog(JSON.stringify({ models })).problems;
}

describe(readCatalog.name, () => {
  it('takes what comes with the product', () => {
    const entries = readBuiltInCatalog();
    expect(readCatalog(JSON.stringify({ source: 'here', models: entries }))).toEqual({ entries, problems: [] });
  });

  it('takes everything that an entry may say', () => {
    const full = {
      ...good,
      tiers: [{ aboveInputTokens: 10, prices: { ...prices, cacheWrite1h: 4, audioOutput: 9 } }],
      ...{ units: { image: 0.04 }, batchDiscount: 0.5, serviceTiers: { priority: { input: 2, output: 4 } } },
    };
    expect(problemsOf(full, { ...good, model: 'unpriced', prices: null })).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['an unknown vendor', { ...good, vendor: 'acme' }, 'models[0] (m).vendor: must be equal to one of'],
    ['a name with blanks', { ...good, model: 'a b' }, 'models[0] (a b).model: must match pattern'],
    ['a negative price', { ...good, prices: { input: -1, output: 1 } }, 'models[0] (m).prices.input: must be >= 0'],
    ['a price per token in disguise', { ...good, prices: { input: 3e6, output: 1 } }, 'prices.input: must be <= 2000'],
    ['a price that is text', { ...good, prices: { input: '1', output: 1 } }, 'prices.input: must be number'],
    ['half a price', { ...good, prices: { input: 1 } }, "prices: must have required property 'output'"],
    ['a class that nobody knows', { ...good, prices: { ...prices, video: 1 } }, 'prices: "video" is not known'],
    ['a field that nobody knows', { ...good, colour: 1 }, 'models[0] (m): "colour" is not known'],
    ['a free model', { ...good, prices: { input: 0, output: 0 } }, 'openai/m: is free'],
    ['tiers out of order', { ...good, tiers: [tier(20), tier(10)] }, 'openai/m: tiers must ascend'],
    ['tiers without a price', { ...good, prices: null, tiers: [tier(20)] }, 'openai/m: has tiers without'],
    ['a dear cache', { ...good, prices: { ...prices, cachedInput: 1.5 } }, 'openai/m: cachedInput is dearer'],
    ['a window of none', { ...good, contextWindow: 0 }, 'contextWindow: must be >= 1'],
    ['a whole discount', { ...good, batchDiscount: 1 }, 'batchDiscount: must be <= 0.95'],
    ['something else', 7, 'models[0]: must be object'],
  ])('refuses %s', (_name, entry, expected) => {
    const problems = problemsOf(entry);
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  it('lists every problem, up to a hundred', () => {
    expect(problemsOf({ ...good, kind: 'x' }, { ...good, vendor: 'x', dimensions: -1 })).toHaveLength(3);
    const many = problemsOf(...Array.from({ length: 150 }, () => 1));
    expect(many).toHaveLength(101);
    expect(many.at(-1)).toBe('and 50 problems more');
  });

  it('refuses the same model twice', () => {
    expect(problemsOf(good, good, { ...good, vendor: 'other' })).toEqual(['openai/m: stands there twice']);
  });

  it.each([
    ['{"models": [{"vendor"', 'it is not JSON, or only a part of it'],
    ['', 'it is not JSON, or only a part of it'],
    ['{"models": []}', 'models: must NOT have fewer than 1 items'],
    ['{}', "the file: must have required property 'models'"],
    ['[]', 'the file: must be object'],
    ['null', 'the file: must be object'],
  ])('refuses %j', (text, expected) => {
    expect(readCatalog(text)).toEqual({ entries: null, problems: [expected] });
  });
});

function tier(aboveInputTokens: number): object {
  return { aboveInputTokens, prices };
}
