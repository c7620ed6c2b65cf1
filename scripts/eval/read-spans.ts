import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonLines } from './read-lines.js';
import type { CorpusDocument, SpanQuestion, TestCollection } from './test-collection.js';

interface QuestionRow {
  _id: string;
  text: string;
  doc: string;
  spans: { start: number; end: number; text: string }[];
}

/** Reads `docs/*` and `questions.jsonl`. Throws when one is missing, or a span does not hold the text that it names. */
export async function readSpans(directory: string, name: string): Promise<TestCollection> {
  const documents: CorpusDocument[] = [];
  for (const file of (await readdir(join(directory, 'docs'))).sort()) {
    const id = file.replace(/\.[^.]+$/, '');
    documents.push({ id, title: '', text: await readFile(join(directory, 'docs', file), 'utf8'), group: id });
  }
  const texts = new Map(documents.map((document) => [document.id, document.text]));
  const passages: SpanQuestion[] = [];
  for await (const row of readJsonLines<QuestionRow>(join(directory, 'questions.jsonl'))) {
    const { _id: id = '', text = '', doc = '', spans = [] } = row;
    for (const span of spans) {
      if (texts.get(doc)?.slice(span.start, span.end) !== span.text)
        throw new Error(`${name}: ${id} is not where it says.`);
    }
    passages.push({ text, spans: spans.map(({ start, end }) => ({ document: doc, start, end })) });
  }
  return { name, documents, queries: [], passages, answers: [] };
}
