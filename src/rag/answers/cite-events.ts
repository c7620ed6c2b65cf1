import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent, FinishReason } from '../../core/chat/chat-event.js';
import type { RetrievedChunk } from '../store/load-chunks.js';
import type { AnswerEnd, AnswerEvent } from './answer-event.js';
import { CitationProcessor } from './citation-processor.js';
import { isNoAnswer, mayBecomeNoAnswer } from './no-answer-texts.js';
import type { PageFinder } from './source-pages.service.js';
import { readSource, verifyCitation, type ReadSource, type VerifiedCitation } from './verify-citation.js';

/** What an answer is read with. */
export interface AnswerTerms {
  sources: readonly RetrievedChunk[];
  /** What stands in the place of a model's own words for "no answer". */
  noAnswerText: string;
  findPage?: PageFinder;
  call: CallContext;
}

/** The answer when no model is asked because the documents hold none. */
export async function* refuseToAnswer(noAnswerText: string): AsyncGenerator<AnswerEvent> {
  await Promise.resolve();
  yield { type: 'delta', text: noAnswerText };
  yield { type: 'done', end: { answer: noAnswerText, reason: 'no_relevant_context', citations: [], answeredBy: null } };
}

/**
 * Turns a model's events into an answer with checked citations. Its first words are held back while they may still say that
 * there is no answer, so that what was sent never has to be taken back. Throws what the events throw.
 */
export async function* citeEvents(
  events: Promise<AsyncIterable<ChatEvent>>,
  terms: AnswerTerms,
): AsyncGenerator<AnswerEvent> {
  const reading = new AnswerReading(terms.sources);
  const started = await events;
  const { answeredBy } = terms.call;
  for await (const event of started) {
    const text = reading.read(event);
    if (text !== '') yield { type: 'delta', text };
  }
  const rest = reading.finish();
  if (reading.reason === 'no_relevant_context') {
    yield { type: 'delta', text: terms.noAnswerText };
    yield {
      type: 'done',
      end: { answer: terms.noAnswerText, reason: 'no_relevant_context', citations: [], answeredBy },
    };
    return;
  }
  if (rest !== '') yield { type: 'delta', text: rest };
  const citations = verifyAll(reading.processor, terms);
  for (const citation of citations) yield { type: 'citation', citation };
  if (reading.warning !== null) terms.call.warnings.push(reading.warning);
  yield { type: 'done', end: { answer: reading.processor.answer, reason: reading.reason, citations, answeredBy } };
}

/** An answer while it is read: its text as far as it is certain, and how it ended. */
class AnswerReading {
  readonly processor: CitationProcessor;
  /** Why it is no answer; final after `finish`. */
  reason: AnswerEnd['reason'] = null;
  /** What the client should know about the end; null when it is a proper one. */
  warning: string | null = null;
  #held: string | null = '';
  #isRefused = false;

  constructor(sources: readonly RetrievedChunk[]) {
    this.processor = new CitationProcessor(sources.map((source) => source.text));
  }

  read(event: ChatEvent): string {
    if (!('choice' in event) || event.choice !== 0) return '';
    if (event.type === 'finish') this.#noteFinish(event.finishReason);
    // A refusal is what the model has to say, so it goes out as text does.
    if (event.type !== 'text-delta' && event.type !== 'refusal-delta') return '';
    this.#isRefused ||= event.type === 'refusal-delta' && event.text !== '';
    return this.#release(this.processor.push(event.text));
  }

  /** What was still held back; call it when all events are read. */
  finish(): string {
    const rest = this.processor.flush();
    const { answer } = this.processor;
    if (this.#isRefused || answer.trim() === '') this.reason = 'no_answer';
    else if (isNoAnswer(answer)) this.reason = 'no_relevant_context';
    return `${this.#held ?? ''}${rest}`;
  }

  #release(text: string): string {
    if (this.#held === null) return text;
    this.#held += text;
    if (!this.#isRefused && mayBecomeNoAnswer(this.#held)) return '';
    const released = this.#held;
    this.#held = null;
    return released;
  }

  #noteFinish(reason: FinishReason): void {
    if (reason === 'content-filter') {
      this.#isRefused = true;
      this.warning = 'The provider filtered the answer.';
    }
    if (reason === 'length') this.warning = 'The answer was cut off at the output limit of the model.';
  }
}

function verifyAll(processor: CitationProcessor, { sources, findPage }: AnswerTerms): VerifiedCitation[] {
  const { answer, markers } = processor;
  const read = new Map<number, ReadSource>();
  return markers.flatMap((marker) => {
    const source = sources[marker.n - 1];
    if (!source) return [];
    const known = read.get(marker.n) ?? readSource(source);
    read.set(marker.n, known);
    return [verifyCitation(answer, marker, known, findPage)];
  });
}
