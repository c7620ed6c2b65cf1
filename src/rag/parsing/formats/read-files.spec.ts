import { describe, expect, it } from '@jest/globals';
import { makeDocx, wordParagraph, wordTable } from '../../../../test/support/make-docx.js';
import { makePagedPdf, pdfLines } from '../../../../test/support/make-pdf.js';
import { parseDocument } from './parse-document.js';

describe('PDF', () => {
  it('is read page by page, with the offsets of each', async () => {
    const pdf = makePagedPdf([pdfLines(['First line', 'second line']), '', pdfLines(['Third page (with marks)'])], {
      title: 'About lines',
    });
    const { text, pages, title, format } = await parseDocument(pdf, 'pdf');
    expect(text).toBe('First line\nsecond line\n\nThird page (with marks)');
    expect(pages?.map(({ start, end }) => text.slice(start, end))).toEqual([
      'First line\nsecond line',
      '',
      'Third page (with marks)',
    ]);
    expect({ title, format }).toEqual({ title: 'About lines', format: 'pdf' });
  });

  it('has a paragraph where the page leaves a gap', async () => {
    const content = 'BT /F1 12 Tf 72 720 Td (one) Tj 0 -14 Td (two) Tj 0 -40 Td (three) Tj ET';
    expect((await parseDocument(makePagedPdf([content]), 'pdf')).text).toBe('one\ntwo\n\nthree');
  });

  it('without text says that it needs recognition', async () => {
    await expect(parseDocument(makePagedPdf(['0 0 100 100 re f']), 'pdf')).rejects.toMatchObject({
      code: 'no_text_extracted',
      message: expect.stringContaining('OCR'),
    });
  });
});

describe('DOCX', () => {
  it('is read with its headings, lists of cells and title', async () => {
    const body = [
      wordParagraph('The report', 'Title'),
      wordParagraph('First part', 'Heading1'),
      wordParagraph('Words &amp; more'),
      wordTable([
        ['Name', 'Age'],
        ['Ann', '3'],
      ]),
      wordParagraph('Deeper', 'Heading2'),
    ].join('');
    const styles = ['Title', 'Heading1', 'Heading2'].map(
      (id) =>
        `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${id.replace(/(\d)$/, ' $1').toLowerCase()}"/></w:style>`,
    );
    const { text, title, format } = await parseDocument(
      makeDocx(body, [
        {
          name: 'word/styles.xml',
          content: `<?xml version="1.0"?><w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">${styles.join('')}</w:styles>`,
        },
        {
          name: 'word/_rels/document.xml.rels',
          content: `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`,
        },
      ]),
      'docx',
    );
    expect(text).toBe(
      '# The report\n\n# First part\n\nWords & more\n\n| Name | Age |\n| --- | --- |\n| Ann | 3 |\n\n## Deeper',
    );
    expect({ title, format }).toEqual({ title: 'The report', format: 'docx' });
  });

  it('without text says so', async () => {
    await expect(parseDocument(makeDocx('<w:p/>'), 'docx')).rejects.toMatchObject({ code: 'no_text_extracted' });
  });
});
