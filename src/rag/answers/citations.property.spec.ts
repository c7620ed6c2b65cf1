import { describe, expect, it } from '@jest/globals';
import { findCollections } from '../../../scripts/eval/find-collections.js';
import { seededRandom } from '../../../test/support/soak-seed.js';
import { findTestCollection } from '../../../test/support/test-collections.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { splitSentences } from '../../core/text/split-sentences.js';
import { answerExtractively } from '../../providers/adapters/local/answer-extractively.js';
import type { RetrievedChunk } from '../store/load-chunks.js';
import { assemblePrompt } from './assemble-prompt.js';
import { CitationProcessor } from './citation-processor.js';
import { readSource, verifyCitation, type VerifiedCitation } from './verify-citation.js';

const articles = findTestCollection('xquad/en');
const [collection] = articles === null ? [] : await findCollections(articles, 'test');
const questions = collection?.answers ?? [];
const documents = collection?.documents ?? [];
const SOURCES = 4;
const PREFIX = '\ufeff# Title \u{1F9FE}\r\n\r\n  e\u0301te\u0301\t';

/** The paragraph that answers and those beside it, each a chunk of a longer text. */
function sourcesOf(document: string): { sources: RetrievedChunk[]; texts: Map<string, string> } {
  const place = documents.findIndex(({ id }) => id === document);
  const texts = new Map<string, string>();
  const sources = Array.from({ length: SOURCES }, (_, index) => {
    const { id, title, text } = documents[(place + index) % documents.length] ?? { id: '', title: '', text: '' };
    texts.set(id, `${PREFIX}${text}\r\n`);
    return {
      ...{ chunkId: `chunk_${id}`, id: `chunk_${id}`, documentId: id, source: id, title, text, metadata: {} },
      ...{ start: PREFIX.length, end: PREFIX.length + text.length, page: null, version: 1, ordinal: 0 },
      ...{ score: 1, lexical: 1, dense: 1 },
    };
  });
  return { sources, texts };
}

const known = new Map<string, ReturnType<typeof readSource>>();

function read(source: RetrievedChunk): ReturnType<typeof readSource> {
  const facts = known.get(source.id) ?? readSource(source);
  known.set(source.id, facts);
  return facts;
}

function cite(answer: string, sources: readonly RetrievedChunk[]): VerifiedCitation[] {
  const processor = new CitationProcessor(sources.map(({ text }) => text));
  processor.push(answer);
  processor.flush();
  return processor.markers.flatMap((marker) => {
    const source = sources[marker.n - 1];
    return source ? [verifyCitation(processor.answer, marker, read(source))] : [];
  });
}

function expectExact(citation: VerifiedCitation, texts: ReadonlyMap<string, string>): void {
  const text = texts.get(citation.documentId) ?? '';
  if (text.slice(citation.start, citation.end) !== citation.quote || citation.quote === '') {
    throw new Error(`Not what its offsets cut: ${JSON.stringify(citation)}`);
  }
}

(articles ? describe : describe.skip)('citations over every question of a collection', () => {
  it('cut exactly their quotes, which hold what the extractive answer says', () => {
    let cited = 0;
    let supported = 0;
    for (const { text: question, spans } of questions) {
      const { sources, texts } = sourcesOf(spans[0]?.document ?? '');
      const request: ChatRequest = assemblePrompt({
        ...{ model: '', question, sources, history: [], instructions: null, stream: false, form: 'documents' },
      });
      for (const citation of cite(answerExtractively(request), sources)) {
        expectExact(citation, texts);
        cited += 1;
        if (citation.isSupported) supported += 1;
      }
    }
    expect(cited).toBeGreaterThan(questions.length);
    expect(supported / cited).toBeGreaterThan(0.99);
  });

  it('cut exactly their quotes whatever a model writes around its markers', () => {
    const random = seededRandom(11);
    const markers = ['[1]', ' [2].', '[1, 3]', '\u30103\u2020x\u3011', '[Source 4]', ' [1-2]', '[9]', '`[1]`', '[^2]'];
    const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
    for (const { text: question, spans } of questions) {
      const { sources, texts } = sourcesOf(spans[0]?.document ?? '');
      const sentences = splitSentences(sources[0]?.text ?? '').map(({ start, end }) =>
        sources[0]?.text.slice(start, end),
      );
      const parts = Array.from(
        { length: 4 },
        () => `${pick(sentences) ?? ''}${pick(markers) ?? ''} ${question}${pick(markers) ?? ''}`,
      );
      for (const citation of cite(parts.join(random() < 0.3 ? '\n' : ' '), sources)) expectExact(citation, texts);
    }
  });

  it('support what the source says and not what it does not', () => {
    const random = seededRandom(5);
    const counts = { true: 0, swapped: 0, elsewhere: 0, asked: 0, all: 0 };
    for (const { spans } of questions) {
      const [span] = spans;
      const { sources } = sourcesOf(span?.document ?? '');
      const [source] = sources;
      // A paragraph of another article.
      const far = documents[(documents.findIndex(({ id }) => id === span?.document) + 60) % documents.length];
      if (!source || !span || !far) continue;
      const sentence = splitSentences(source.text).find(({ start, end }) => start <= span.start && span.end <= end);
      if (!sentence) continue;
      const said = source.text.slice(sentence.start, sentence.end);
      const other = splitSentences(far.text)[Math.floor(random() * 2)] ?? { start: 0, end: 0 };
      const changed = said.replace(/\d/u, (digit) => String((Number(digit) + 3) % 10));
      counts.all += 1;
      counts.true += isSupported(`${said} [1]`, source);
      counts.elsewhere += isSupported(`${far.text.slice(other.start, other.end)} [1]`, source);
      if (changed === said) continue;
      counts.asked += 1;
      counts.swapped += isSupported(`${changed} [1]`, source);
    }
    expect(counts.all).toBeGreaterThan(1_000);
    expect(counts.true / counts.all).toBeGreaterThan(0.99);
    expect(counts.elsewhere / counts.all).toBeLessThan(0.01);
    // Some changed numbers stand elsewhere in the paragraph.
    expect(counts.swapped / counts.asked).toBeLessThan(0.07);
  });
});

function isSupported(answer: string, source: RetrievedChunk): number {
  const marker = { n: 1, start: answer.length - 3, end: answer.length };
  return verifyCitation(answer, marker, read(source)).isSupported ? 1 : 0;
}
