import { describe, expect, it } from '@jest/globals';
import { makeDocx, wordParagraph } from '../../../test/support/make-docx.js';
import { makePagedPdf, pdfLines } from '../../../test/support/make-pdf.js';
import { makeZip } from '../../../test/support/make-zip.js';
import { checkEnd, detectFormat } from './detect-format.js';
import { endsAsArchive } from './sniff.js';

const PDF = makePagedPdf([pdfLines(['text'])]);
const DOCX = makeDocx(wordParagraph('text'));
const ZIP = makeZip([{ name: 'a.txt', content: 'text' }]);
const EXE = Buffer.from('4d5a90000300000004000000ffff0000b800000000000000400000000000000000', 'hex');
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
const OCTETS = 'application/octet-stream';

function detect(content: Buffer | string, name: string, mediaType = OCTETS): Promise<string> {
  return detectFormat(Buffer.from(content as string), name, mediaType);
}

describe('detectFormat', () => {
  it.each<[string, Buffer | string, string, string, string]>([
    ['a PDF', PDF, 'a.pdf', OCTETS, 'pdf'],
    ['a PDF of any name', PDF, 'download', OCTETS, 'pdf'],
    ['a PDF whatever the client calls it', PDF, 'a.bin', 'text/plain', 'pdf'],
    ['a Word document', DOCX, 'a.docx', OCTETS, 'docx'],
    ['a Word document of any name', DOCX, 'upload.tmp', OCTETS, 'docx'],
    ['an archive that may be one', ZIP, 'a.docx', OCTETS, 'docx'],
    ['a page', '<!DOCTYPE html><html><body>x', 'a.html', OCTETS, 'html'],
    ['a page of any name', ' <!-- x -->\n<html lang="en"><p>x', 'x', OCTETS, 'html'],
    ['a piece of a page', '<p>x</p>', 'a.htm', OCTETS, 'html'],
    ['Markdown', '# x', 'a.MD', OCTETS, 'markdown'],
    ['Markdown that begins as a page', '<html>x', 'a.md', OCTETS, 'markdown'],
    ['text', 'x', 'a.txt', OCTETS, 'text'],
    ['text that begins like a program', 'MZ-80 was a computer.', 'a.txt', OCTETS, 'text'],
    ['text about PDF', 'A PDF begins with %PDF-1.4 and', 'notes.txt', OCTETS, 'text'],
    ['text with NUL', 'a\0b', 'a.txt', OCTETS, 'text'],
    ['UTF-16', Buffer.from('\ufeffx y', 'utf16le'), 'a.txt', OCTETS, 'text'],
    ['UTF-16 without a mark', Buffer.from('some text', 'utf16le'), 'a.txt', OCTETS, 'text'],
    ['Latin-1', Buffer.from('\xe4\xf6\xfc', 'latin1'), 'a.txt', OCTETS, 'text'],
    ['CSV', 'a,b', 'a.csv', OCTETS, 'csv'],
    ['CSV by its media type', 'a,b', 'table', 'text/csv', 'csv'],
    ['JSON lines', '{}', 'a.jsonl', OCTETS, 'json'],
    ['text of an unknown ending', 'key: value', 'a.yaml', OCTETS, 'auto'],
    ['text without an ending', 'x', 'README', OCTETS, 'auto'],
    ['text with an ending of objects', 'x', 'a.constructor', 'toString', 'auto'],
  ])('tells %s', async (_name, content, name, mediaType, format) => {
    expect(await detect(content, name, mediaType)).toBe(format);
  });

  it.each<[string, Buffer | string, string, string]>([
    ['a program as a PDF', EXE, 'a.pdf', 'application/'],
    ['a program as text', EXE, 'a.txt', 'application/'],
    ['a page as text', '<!doctype html><html>x', 'a.txt', 'is HTML'],
    ['a PDF as a Word document', PDF, 'a.docx', 'is a PDF'],
    ['a PDF as text', PDF, 'a.txt', 'is a PDF'],
    ['a Word document as a PDF', DOCX, 'a.pdf', 'is a Word document'],
    ['text as a PDF', 'not a PDF', 'a.pdf', 'is text'],
    ['text as a Word document', 'not one', 'a.docx', 'is text'],
    ['a picture', PNG, 'a.png', 'image/png'],
    ['an archive', ZIP, 'a.zip', 'zip'],
    [
      'random bytes',
      Buffer.from(Array.from({ length: 512 }, (_unused, index) => (index * 167 + 13) % 256)),
      'a',
      'not known',
    ],
    ['RTF', '{\\rtf1\\ansi x}', 'a.rtf', 'not made to be read as text'],
    ['a page that is a PDF too', Buffer.concat([Buffer.from('<html>'), PDF]), 'a.html', 'at once'],
    ['a PDF that is a page too', Buffer.from('%PDF-1.4\n<html><script>x</script>'), 'a.pdf', 'at once'],
    ['a picture that is a PDF too', Buffer.concat([PNG, PDF]), 'a.pdf', 'at once'],
  ])('refuses %s (R04)', async (_name, content, name, reason) => {
    await expect(detect(content, name)).rejects.toMatchObject({
      code: 'unsupported_file_type',
      message: expect.stringContaining(reason),
    });
  });
});

describe('the end of a file', () => {
  it('may not make it an archive too (R04)', () => {
    const both = Buffer.concat([PDF, ZIP]);
    expect(() => {
      checkEnd(both, 'pdf');
    }).toThrow(expect.objectContaining({ code: 'unsupported_file_type' }));
    checkEnd(PDF, 'pdf');
    checkEnd(DOCX, 'docx');
  });

  it('is that of an archive only where its comment ends with the file', () => {
    const marked = Buffer.concat([ZIP, Buffer.from('rest')]);
    expect(endsAsArchive(ZIP)).toBe(true);
    expect(endsAsArchive(marked)).toBe(false);
    marked.writeUInt16LE(4, ZIP.length - 2);
    expect(endsAsArchive(marked)).toBe(true);
    expect(endsAsArchive(Buffer.from('PK\x05\x06 too short'))).toBe(false);
  });
});
