import mammoth from 'mammoth';
import { DocumentParseError } from '../document-parse-error.js';
import type { ParsedDocument } from '../parsed-document.js';
import { checkZip } from './check-zip.js';
import { renderHtml } from './read-html.js';

/** The text of a Word document in Markdown's form: headings, lists and tables. What it links to is not read. */
export async function readDocx(bytes: Buffer): Promise<ParsedDocument> {
  await checkZip(bytes, 'word/document.xml');
  const { value } = await mammoth.convertToHtml(
    { buffer: bytes },
    {
      externalFileAccess: false,
      includeEmbeddedStyleMap: false,
      convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })),
      styleMap: ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => h2:fresh"],
    },
  );
  const { text, title } = renderHtml(value);
  if (text.trim() === '') throw new DocumentParseError('no_text_extracted', 'The Word document holds no text.');
  return { text, format: 'docx', title, pages: null };
}
