import { deflateSync } from 'node:zlib';

/** A PDF from its objects, numbered from 1, the first of which is the catalogue; with `extra` entries of the trailer. */
export function makePdf(objects: readonly (string | Buffer)[], extra = ''): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  const offsets: number[] = [];
  let length = parts[0]?.length ?? 0;
  const add = (part: string | Buffer): void => {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
    parts.push(bytes);
    length += bytes.length;
  };
  objects.forEach((object, index) => {
    offsets.push(length);
    add(`${String(index + 1)} 0 obj\n`);
    add(object);
    add('\nendobj\n');
  });
  const start = length;
  const lines = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  add(`xref\n0 ${String(objects.length + 1)}\n0000000000 65535 f \n${lines}`);
  add(`trailer\n<< /Size ${String(objects.length + 1)} /Root 1 0 R ${extra} >>\nstartxref\n${String(start)}\n%%EOF\n`);
  return Buffer.concat(parts);
}

/** A stream object, deflated `times` times. */
export function pdfStream(content: string | Buffer, times = 0): Buffer {
  let bytes: Buffer = Buffer.isBuffer(content) ? content : Buffer.from(content, 'latin1');
  for (let round = 0; round < times; round += 1) bytes = deflateSync(bytes, { level: 9 });
  const filters = times === 0 ? '' : `/Filter [${'/FlateDecode '.repeat(times)}]`;
  return Buffer.concat([
    Buffer.from(`<< /Length ${String(bytes.length)} ${filters} >>\nstream\n`),
    bytes,
    Buffer.from('\nendstream'),
  ]);
}

/** The content of a page that writes lines from top to bottom. */
export function pdfLines(lines: readonly string[]): string {
  const shown = lines.map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) Tj 0 -16 Td`);
  return `BT /F1 12 Tf 72 720 Td ${shown.join(' ')} ET`;
}

/** A PDF of pages with the given content streams. */
export function makePagedPdf(pages: readonly (string | Buffer)[], options: { title?: string } = {}): Buffer {
  const first = 4;
  const kids = pages.map((_page, index) => `${String(first + index * 2)} 0 R`).join(' ');
  const objects: (string | Buffer)[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${String(pages.length)} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  for (const [index, content] of pages.entries()) {
    const contents = `${String(first + index * 2 + 1)} 0 R`;
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${contents} /Resources << /Font << /F1 3 0 R >> >> >>`,
      Buffer.isBuffer(content) ? content : pdfStream(content),
    );
  }
  if (options.title === undefined) return makePdf(objects);
  objects.push(`<< /Title (${options.title}) >>`);
  return makePdf(objects, `/Info ${String(objects.length)} 0 R`);
}
