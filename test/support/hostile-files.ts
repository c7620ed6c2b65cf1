import { constants, deflateRawSync, deflateSync } from 'node:zlib';
import { makeDocx, wordEntries, wordParagraph } from './make-docx.js';
import { makePagedPdf, makePdf, pdfLines } from './make-pdf.js';
import { makeZip } from './make-zip.js';

const MEGABYTE = 1024 ** 2;

/**
 * A deflated stream that unpacks to `megabytes` times the same text, made without ever holding that: deflate may be cut into
 * blocks that stand for themselves, and repeated. Its checksum is wrong, which readers of PDF do not mind.
 */
export function deflatedRepeat(text: string, megabytes: number): Buffer {
  const unit = text.repeat(Math.floor(MEGABYTE / text.length));
  const block = deflateRawSync(unit, { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  const blocks = Array.from({ length: megabytes }, () => block);
  const end = deflateRawSync('', { level: 9 });
  return Buffer.concat([Buffer.from([0x78, 0xda]), ...blocks, end, Buffer.alloc(4)]);
}

function flateStream(bytes: Buffer, times: number): Buffer {
  const head = `<< /Length ${String(bytes.length)} /Filter [${'/FlateDecode '.repeat(times)}] >>\nstream\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\nendstream')]);
}

/** Ten kilobytes that unpack, twice, to that many megabytes. */
export function pdfBomb(megabytes: number): Buffer {
  return makePagedPdf([flateStream(deflateSync(deflatedRepeat(' ', megabytes)), 2)]);
}

/** One glyph, that many megabytes of it. */
export function pdfOfOneGlyph(megabytes: number): Buffer {
  const shows = deflatedRepeat(`BT /F1 9 Tf (${'a'.repeat(1_000)}) Tj ET `, megabytes);
  return makePagedPdf([flateStream(shows, 1)]);
}

/** As many pages, all of them the same. */
export function pdfOfPages(count: number): Buffer {
  return makePdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${'3 0 R '.repeat(count)}] /Count ${String(count)} >>`,
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>',
  ]);
}

/** A page tree that is its own child. */
export function pdfLoop(): Buffer {
  return makePdf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>']);
}

/** A trailer that names itself as the one before. */
export function pdfXrefLoop(): Buffer {
  const pdf = makePagedPdf([pdfLines(['looped'])]);
  const start = /startxref\n(\d+)/.exec(pdf.toString('latin1'))?.[1] ?? '0';
  return Buffer.from(pdf.toString('latin1').replace('/Root 1 0 R', `/Root 1 0 R /Prev ${start}`), 'latin1');
}

/** A PDF that asks for a password. */
export function pdfEncrypted(): Buffer {
  const hex = 'ab'.repeat(32);
  return makePdf(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [] /Count 0 >>',
      `<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <${hex}> /U <${hex}> >>`,
    ],
    '/Encrypt 3 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]',
  );
}

/** A PDF that would run a script, start a program and call out when it is opened. */
export function pdfWithActions(url: string): Buffer {
  return makePdf([
    '<< /Type /Catalog /Pages 2 0 R /OpenAction 6 0 R /AA << /WC 7 0 R >> >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> /AA << /O 8 0 R >> >>',
    `<< /Length ${String(pdfLines(['Harmless text']).length)} >>\nstream\n${pdfLines(['Harmless text'])}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    `<< /S /JavaScript /JS (app.launchURL("${url}"); this.submitForm("${url}")) >>`,
    '<< /S /Launch /F (/bin/sh) /Win << /F (cmd.exe) >> >>',
    `<< /S /URI /URI (${url}) >>`,
  ]);
}

/** A font whose matrix carries code, which old versions of the most common reader ran. */
export function pdfFontMatrix(): Buffer {
  const content = pdfLines(['Matrix text']);
  return makePdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${String(content.length)} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Fake /FontDescriptor 6 0 R /FontMatrix [1 0 0 1 0 (1\\); globalThis.wasRun = true; //)] >>',
    '<< /Type /FontDescriptor /FontName /Fake /Flags 4 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 (1\\); process.exit\\(7\\); //)] >>',
  ]);
}

/** A picture and a part that lie outside of the document, on this machine. */
export function docxWithLink(target: string): Buffer {
  const drawing =
    '<w:p><w:r><w:drawing><wp:inline><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:link="rId9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>';
  const relationships = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="${target}" TargetMode="External"/></Relationships>`;
  return makeDocx(wordParagraph('Before the picture.') + drawing, [
    { name: 'word/_rels/document.xml.rels', content: relationships },
  ]);
}

/** XML that reads a file into the document. */
export function docxWithEntity(target: string): Buffer {
  return makeZip(wordEntries(wordParagraph('&leak;'), `<!DOCTYPE d [<!ENTITY leak SYSTEM "${target}">]>`));
}

/** XML of entities that stand for ten others each. */
export function docxBillionLaughs(): Buffer {
  const levels = Array.from(
    { length: 9 },
    (_unused, level) => `<!ENTITY l${String(level + 1)} "${`&l${String(level)};`.repeat(10)}">`,
  );
  return makeZip(wordEntries(wordParagraph('&l9;'), `<!DOCTYPE d [<!ENTITY l0 "lol">${levels.join('')}]>`));
}

/** Archives in the place of a document that are not honest ones, by what is wrong with them. */
export function dishonestArchives(): Readonly<Record<string, () => Buffer>> {
  const body = wordParagraph('Some text');
  const inner = (): Buffer => makeZip([{ name: '0', content: Buffer.alloc(MEGABYTE) }]);
  return {
    'archives in archives': () =>
      makeZip(Array.from({ length: 16 }, (_unused, index) => ({ name: `lib ${String(index)}.zip`, content: inner() }))),
    'a thousandfold entry': () => makeDocx(body, [{ name: 'word/big.xml', content: Buffer.alloc(64 * MEGABYTE, ' ') }]),
    'far too many entries': () => manyEntries(6_000),
    'names outside': () => makeDocx(body, [{ name: '../../escaped.xml', content: 'x' }]),
    'an absolute name': () => makeDocx(body, [{ name: '/etc/escaped.xml', content: 'x' }]),
    'entries on top of each other': () =>
      makeZip([
        ...wordEntries(body),
        { name: 'word/twin.xml', content: wordEntries(body)[2]?.content ?? '', claimedOffset: 0 },
      ]),
    'a name twice': () => makeZip([...wordEntries(body), ...wordEntries(body)]),
    'a size that is too small': () =>
      makeDocx(body, [{ name: 'word/lie.xml', content: 'x'.repeat(100_000), claimedSize: 10 }]),
    'a size that is too large': () => makeDocx(body, [{ name: 'word/lie.xml', content: 'x', claimedSize: 1_000 }]),
    'no document in it': () => makeZip([{ name: 'hello.txt', content: 'hello' }]),
    'half of it': () => makeDocx(body).subarray(0, 400),
  };
}

function manyEntries(count: number): Buffer {
  return makeZip(Array.from({ length: count }, (_unused, index) => ({ name: `e${String(index)}`, content: '' })));
}
