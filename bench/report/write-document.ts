import { readFile, writeFile } from 'node:fs/promises';

const BEGIN = '<!-- measured: begin -->';
const END = '<!-- measured: end -->';

/** Puts the text between the document's two marks. Throws when they are missing. */
export async function writeDocument(file: string, text: string): Promise<void> {
  const document = await readFile(file, 'utf8');
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${file} lacks the marks for the measured part.`);
  await writeFile(file, `${document.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${document.slice(end)}`);
}
