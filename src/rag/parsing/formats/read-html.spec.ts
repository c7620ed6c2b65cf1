import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readHtml, renderHtml } from './read-html.js';

function textOf(html: string): string {
  return renderHtml(html).text;
}

describe('readHtml', () => {
  it('keeps headings, paragraphs and lists, and drops what is no content', () => {
    const { text, title } =
      renderHtml(`<!doctype html><html><head><title> Lines &amp; more </title><style>p{}</style></head>
      <body><nav><a href="/">Home</a></nav><h1>Main <b>title</b></h1><p>Hello   <b>bold</b>,
      <i>world</i>.<br>Second line</p><script>alert(1)</script><ul><li>one<li>two<ol><li>a</li><li>b</li></ol></ul>
      <p style="display: none">Hidden</p><p aria-hidden="true">Hidden too</p><footer>Imprint</footer></body></html>`);
    expect(title).toBe('Lines & more');
    expect(text).toBe('# Main title\n\nHello bold, world.\nSecond line\n\n- one\n- two\n  1. a\n  2. b');
  });

  it('writes tables of data as tables, and the cells of others as blocks', () => {
    expect(textOf('<table><tr><th>Name<th>Age<tr><td>Ann | B<td>3</table>')).toBe(
      '| Name | Age |\n| --- | --- |\n| Ann \\| B | 3 |',
    );
    expect(textOf('<table><tr><td><p>one</p><p>two</p></td><td>three</td></tr></table>')).toBe('one\n\ntwo\n\nthree');
    expect(textOf('<table><tr><td><table><tr><td>in<td>ner</table></table>after')).toBe(
      '| in | ner |\n| --- | --- |\n\nafter',
    );
  });

  it('keeps code as it stands, behind a fence that it does not hold', () => {
    expect(textOf('<pre>  a &lt; b\n\n  ```\n</pre>')).toBe('````\n  a < b\n\n  ```\n````');
  });

  it('reads words apart that a page shows apart, and together that it shows together', () => {
    expect(textOf('<p>un<b>believ</b>able<div>next</div>')).toBe('unbelievable\n\nnext');
    expect(textOf('<p>a <b> b</b> c&nbsp;d</p>')).toBe('a b c d');
  });

  it('takes navigation and footer when there is nothing else', () => {
    expect(textOf('<nav>Only this</nav>')).toBe('Only this');
  });

  it('takes the encoding that the page declares', () => {
    const page = Buffer.from('<meta charset="windows-1250"><p>\xb9\xe6\xea</p>', 'latin1');
    expect(readHtml(page).text).toBe('ąćę');
  });

  it('is silent about a page of depths (R07), quickly', () => {
    expect(() => renderHtml('<div>'.repeat(100_000))).toThrow(
      expect.objectContaining({ code: 'document_too_complex' }),
    );
    expect(textOf('<table><tr><td>x'.repeat(2_000)).replace(/\s/g, '')).toBe('x'.repeat(2_000));
  });

  it('makes some text of any tags, without NUL or halves of pairs', () => {
    const piece = fc.oneof(
      fc.constantFrom('<p>', '</p>', '<table>', '<tr>', '<td>', '</table>', '<pre>', '</pre>', '<ul>', '<li>', '</ul>'),
      fc.constantFrom('<h1>', '</h2>', '<nav>', '</nav>', '<script>', '</script>', '<title>', '<!--', '-->', '&#0;'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const { text } = renderHtml(pieces.join(''));
        expect(text.isWellFormed() && !text.includes('\0')).toBe(true);
      }),
    );
  });
});
