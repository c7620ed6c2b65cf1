import { describe, expect, it } from '@jest/globals';
import { parseFilter } from './parse-filter.js';

const topic = { kind: 'metadata', path: ['topic'] };

describe('parseFilter', () => {
  it.each<[object, object]>([
    [{ eq: ['metadata.topic', 'birds'] }, { type: 'equals', field: topic, values: ['birds'] }],
    [{ ne: ['metadata.topic', null] }, { type: 'not', part: { type: 'equals', field: topic, values: [null] } }],
    [{ in: ['metadata.topic', ['a', 1, true]] }, { type: 'equals', field: topic, values: ['a', 1, true] }],
    [{ gte: ['metadata.topic', 3] }, { type: 'compare', field: topic, comparison: '>=', value: 3 }],
    [{ exists: 'metadata.topic' }, { type: 'exists', field: topic }],
    [{ exists: ['metadata.topic'] }, { type: 'exists', field: topic }],
    [{ exists: ['metadata.topic', false] }, { type: 'not', part: { type: 'exists', field: topic } }],
    [
      { lt: ['metadata.a.b', 'x'] },
      { type: 'compare', field: { kind: 'metadata', path: ['a', 'b'] }, comparison: '<', value: 'x' },
    ],
    [
      { or: [{ eq: ['source', 'a.md'] }, { not: { gt: ['created_at', '2026-01-31'] } }] },
      {
        type: 'or',
        parts: [
          { type: 'equals', field: { kind: 'text', name: 'source' }, values: ['a.md'] },
          {
            type: 'not',
            part: {
              type: 'compare',
              field: { kind: 'time', name: 'created_at' },
              comparison: '>',
              value: '2026-01-31T00:00:00.000Z',
            },
          },
        ],
      },
    ],
  ])('reads %j', (given, expected) => {
    expect(parseFilter(given)).toEqual(expected);
  });

  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T08:00', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31t08:00:00z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31 08:00:00.5', '2026-01-31T08:00:00.500Z'],
    ['2026-01-31T08:00:00+02:00', '2026-01-31T06:00:00.000Z'],
  ])('reads the time %s as UTC where it has no zone', (text, expected) => {
    expect(parseFilter({ lt: ['created_at', text] })).toMatchObject({ value: expected });
  });

  const deep = (levels: number): object =>
    levels === 0 ? { exists: 'source' } : { and: [{ not: deep(levels - 1) }, { exists: 'title' }] };

  it.each<[string, unknown, string]>([
    ['R10 an operator of another language', { $ne: 1 }, 'filter'],
    ['R10 a field for an operator', { 'metadata.topic': 'birds' }, 'filter'],
    ['R10 an object for a value', { eq: ['metadata.topic', { $ne: 1 }] }, 'filter.eq[1]'],
    ['R10 a path of another language', { eq: ["'; drop table chunk; --", 1] }, 'filter.eq[0]'],
    ['R10 a number that is none', { gt: ['metadata.n', Infinity] }, 'filter.gt[1]'],
    ['nothing', {}, 'filter'],
    ['two operators', { exists: 'source', not: { exists: 'title' } }, 'filter'],
    ['a list', [], 'filter'],
    ['an empty and', { and: [] }, 'filter.and'],
    ['an object in place of a list', { or: { exists: 'source' } }, 'filter.or'],
    ['what is wrong inside', { and: [{ exists: 'source' }, { eq: ['source'] }] }, 'filter.and[1].eq'],
    ['an unknown field', { eq: ['text', 'x'] }, 'filter.eq[0]'],
    ['a metadata field without a name', { eq: ['metadata.', 'x'] }, 'filter.eq[0]'],
    ['an empty key on the way', { eq: ['metadata.a..b', 'x'] }, 'filter.eq[0]'],
    ['a number for a text', { eq: ['source', 1] }, 'filter.eq[1]'],
    ['an empty in', { in: ['source', []] }, 'filter.in[1]'],
    ['a text for a list', { in: ['source', 'a.md'] }, 'filter.in[1]'],
    ['a list in a list', { in: ['source', ['a.md', ['b.md']]] }, 'filter.in[1][1]'],
    ['an order of truth values', { gt: ['metadata.open', true] }, 'filter.gt[1]'],
    ['a day that is none', { gt: ['created_at', '2026-02-30'] }, 'filter.gt[1]'],
    ['a year that the database does not know', { gt: ['created_at', '0000-01-01'] }, 'filter.gt[1]'],
    ['a time before the first year in UTC', { gt: ['created_at', '0001-01-01T00:00:00+01:00'] }, 'filter.gt[1]'],
    ['a time behind the last year in UTC', { lt: ['created_at', '9999-12-31T23:59:59-01:00'] }, 'filter.lt[1]'],
    ['a time that is none', { gt: ['created_at', 'yesterday'] }, 'filter.gt[1]'],
    ['a time as a number', { gt: ['created_at', 1_700_000_000] }, 'filter.gt[1]'],
    ['exists with a value', { exists: ['source', 'a.md'] }, 'filter.exists'],
    ['1,001 values', { in: ['source', Array.from({ length: 1_001 }, String)] }, 'filter'],
    ['101 conditions', { or: Array.from({ length: 100 }, () => ({ exists: 'source' })) }, 'filter'],
    ['a text without end', { eq: ['source', 'x'.repeat(2_001)] }, 'filter.eq[1]'],
  ])('refuses %s and says where', (_name, given, param) => {
    expect(() => parseFilter(given)).toThrow(expect.objectContaining({ code: 'invalid_value', param }));
  });

  it('refuses what is nested too deep, before it becomes SQL', () => {
    expect(parseFilter(deep(3))).toMatchObject({ type: 'and' });
    expect(() => parseFilter(deep(6))).toThrow('nested deeper than 8 levels');
  });
});
