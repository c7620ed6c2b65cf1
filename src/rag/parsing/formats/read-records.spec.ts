import { describe, expect, it } from '@jest/globals';
import { parseDocument } from './parse-document.js';
import type { FormatHint } from '../child/messages.js';

async function textOf(content: string, format: FormatHint): Promise<string> {
  return (await parseDocument(Buffer.from(content), format)).text;
}

describe('CSV', () => {
  it.each<[string, string, string]>([
    ['commas', 'name,age\nAnn,3\nBob,\n', 'name: Ann\nage: 3\n\nname: Bob'],
    ['semicolons', 'name;price\nTea;1,50\nMilk;0,90', 'name: Tea\nprice: 1,50\n\nname: Milk\nprice: 0,90'],
    ['tabs', 'a\tb\n1\t2\n', 'a: 1\nb: 2'],
    ['quotes and line ends in cells', 'a,b\n"x, ""y""","l1\n\nl2"\n', 'a: x, "y"\nb: l1\nl2'],
    ['no header', '1,2\n3,4\n', 'Column 1: 1\nColumn 2: 2\n\nColumn 1: 3\nColumn 2: 4'],
    ['ragged rows', 'a,b\n1\n2,3,4\n', 'a: 1\n\na: 2\nb: 3\nColumn 3: 4'],
    ['a mark and CRLF', '\ufeffa,b\r\n1,2\r\n', 'a: 1\nb: 2'],
    ['one column', 'word\nalpha\nbeta\n', 'word: alpha\n\nword: beta'],
    ['a header alone', 'a,b,c\n', 'a, b, c'],
  ])('is read by record: %s', async (_name, content, expected) => {
    expect(await textOf(content, 'csv')).toBe(expected);
  });

  it.each<[string, string]>([
    ['a million columns (R07)', Array.from({ length: 1_000_000 }, (_unused, index) => index).join(',')],
    ['three thousand columns', 'a,'.repeat(3_000)],
    ['a quote that is never closed', `a,b\n"${'x\n'.repeat(1_000_000)}`],
  ])('of %s is too complex', async (_name, content) => {
    await expect(textOf(content, 'csv')).rejects.toMatchObject({ code: 'document_too_complex' });
  });
});

describe('JSON', () => {
  it.each<[string, string, FormatHint, string]>([
    ['a list of records', '[{"a":1,"b":{"c":[1,"x"]}},{"a":null,"b":{}}, "text"]', 'json', 'a: 1\nb.c: 1, x\n\ntext'],
    ['an object', '{"a":{"b":[{"c":1},{"c":2}]}}', 'json', 'a.b.1.c: 1\na.b.2.c: 2'],
    ['an object around a list', '{"items":[{"a":1},{"a":2}]}', 'json', 'a: 1\n\na: 2'],
    ['lines', '{"a":1}\n\n{"a":2}\r\n', 'json', 'a: 1\n\na: 2'],
    ['JSON under any name', '[{"a":true}]', 'auto', 'a: true'],
    ['what only begins like it', '[note] not JSON', 'auto', '[note] not JSON'],
    ['a blank line in a value', '{"a":"x\\n\\ny"}', 'json', 'a: x\ny'],
    ['NUL and half a pair', '{"a":"x\\u0000\\ud83dy"}', 'json', 'a: xy'],
    ['names that objects inherit', '{"__proto__":{"a":1},"constructor":"b"}', 'json', '__proto__.a: 1\nconstructor: b'],
  ])('is read by record: %s', async (_name, content, format, expected) => {
    expect(await textOf(content, format)).toBe(expected);
  });

  it.each<[string, string, FormatHint, string]>([
    ['broken', '{"a":', 'json', 'document_parse_failed'],
    ['broken in one of its lines', '{"a":1}\n{"a":', 'json', 'document_parse_failed'],
    ['a million levels deep', '['.repeat(1_000_000), 'json', 'document_too_complex'],
    ['empty', '{}', 'json', 'no_text_extracted'],
    ['blank', ' \n ', 'text', 'no_text_extracted'],
  ])('that is %s is refused', async (_name, content, format, code) => {
    await expect(textOf(content, format)).rejects.toMatchObject({ code });
  });

  it('says in which line it is broken', async () => {
    await expect(textOf('{"a":1}\n{"a":', 'json')).rejects.toThrow('in line 2');
  });
});

describe('Markdown', () => {
  it.each<[string, string, string | null]>([
    ['its first heading', 'intro\n\n# The *title* #\n\n## Other', 'The *title*'],
    ['its front matter', '---\ntags: [a]\ntitle: "Named here"\n---\n# Other', 'Named here'],
    ['nothing', '## Second level only', null],
  ])('has the title that %s gives', async (_name, content, title) => {
    expect(await parseDocument(Buffer.from(content), 'markdown')).toEqual({
      text: content,
      format: 'markdown',
      title,
      pages: null,
    });
  });
});
