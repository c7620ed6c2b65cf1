import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toCsv } from './to-csv.js';

/** Reads RFC 4180 as a spreadsheet does. */
function parse(csv: string): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < csv.length;) {
    const row: string[] = [];
    for (;;) {
      const quoted = /"((?:[^"]|"")*)"/y;
      const plain = /[^",\r\n]*/y;
      const pattern = csv[at] === '"' ? quoted : plain;
      pattern.lastIndex = at;
      const match = pattern.exec(csv);
      if (!match) throw new Error(`not CSV at ${String(at)}`);
      row.push(pattern === quoted ? (match[1] ?? '').replaceAll('""', '"') : match[0]);
      at = pattern.lastIndex;
      if (csv[at] !== ',') break;
      at += 1;
    }
    expect(csv.slice(at, at + 2)).toBe('\r\n');
    at += 2;
    rows.push(row);
  }
  return rows;
}

describe(toCsv.name, () => {
  it('is what RFC 4180 says', () => {
    expect(
      toCsv(
        ['a', 'b'],
        [
          ['x,"y"\r\n', 1.5],
          ['', 0],
        ],
      ),
    ).toBe('a,b\r\n"x,""y""\r\n",1.5\r\n,0\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@sum(a)', '  =1', '\tx', '\rx', '＝1', '%0a', '|calc'])('disarms %j', (text) => {
    expect(parse(toCsv(['h'], [[text]]))[1]).toEqual([`'${text}`]);
  });

  it.each([
    ['a;=1+1', "a;'=1+1"],
    ['a;  =1', "a;'  =1"],
    ['a\t+1', "a\t'+1"],
    ['a\n@b', "a\n'@b"],
    ['\t=1', "'\t'=1"],
  ])('disarms %j, which other countries read as several cells', (text, safe) => {
    expect(parse(toCsv(['h'], [[text]]))[1]).toEqual([safe]);
  });

  it.each(['0.0000000001', '12.5', 'a=b', "it's", 'gpt-4o', 'a;b=c', '2026-01-01'])('leaves %j as it is', (text) => {
    expect(toCsv(['h'], [[text]])).toBe(`h\r\n${text}\r\n`);
  });

  it('loses nothing but what it disarms', () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('"', ',', '\r\n', 'a\nb', ';=1'));
    const table = fc.nat(4).chain((width) => fc.array(fc.array(cell, { minLength: width + 1, maxLength: width + 1 })));
    fc.assert(
      fc.property(table, (rows) => {
        const read = parse(toCsv(['h'], rows)).slice(1);
        const bare = (table: string[][]): string[][] => table.map((row) => row.map((text) => text.replaceAll("'", '')));
        expect(bare(read)).toEqual(bare(rows));
      }),
    );
  });
});
