import { describe, expect, it } from '@jest/globals';
import { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { NO_ANSWER_TEXT } from '../../core/chat/no-answer-text.js';
import type { RetrievedChunk } from '../store/load-chunks.js';
import type { AnswerEvent } from './answer-event.js';
import { citeEvents } from './cite-events.js';

const TEXT = 'The ferry carries 120 passengers. It leaves at nine.';
const SOURCE: RetrievedChunk = {
  ...{ chunkId: 'c', id: 'c', documentId: 'd', source: 's', title: null, text: TEXT, metadata: {} },
  ...{ start: 100, end: 100 + TEXT.length, page: 3, version: 1, ordinal: 0, score: 1, lexical: 1, dense: 1 },
};

function text(piece: string, choice = 0): ChatEvent {
  return { type: 'text-delta', choice, text: piece };
}

async function read(events: readonly ChatEvent[]): Promise<{ events: AnswerEvent[]; call: CallContext }> {
  const call = new CallContext({ id: 'req_1', surface: 'rag', receivedAt: 0 });
  call.answeredBy = { provider: 'lab', model: 'm' };
  async function* stream(): AsyncGenerator<ChatEvent> {
    await Promise.resolve();
    yield* events;
  }
  const seen: AnswerEvent[] = [];
  const terms = { sources: [SOURCE], noAnswerText: 'Nothing there.', call };
  for await (const event of citeEvents(Promise.resolve(stream()), terms)) seen.push(event);
  return { events: seen, call };
}

function deltas(events: readonly AnswerEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'delta' ? [event.text] : []));
}

describe('citeEvents', () => {
  it('gives text as it comes, then citations, then the end', async () => {
    const { events } = await read([text('It carries '), text('120 passengers [1'), text('].'), text('other', 1)]);
    expect(events.map(({ type }) => type)).toEqual(['delta', 'delta', 'delta', 'citation', 'done']);
    expect(deltas(events)).toEqual(['It carries', ' 120 passengers', ' [1].']);
    expect(events.at(-1)).toMatchObject({
      end: { answer: 'It carries 120 passengers [1].', reason: null, answeredBy: { provider: 'lab' } },
    });
    expect(events[3]).toMatchObject({
      citation: { quote: 'The ferry carries 120 passengers.', start: 100, end: 133, page: 3, isSupported: true },
    });
  });

  it('holds back what may become "no answer", and sends it when it does not', async () => {
    const { events } = await read([text('The documents do '), text('not contain '), text('a price.'), text(' Sorry.')]);
    expect(deltas(events)).toEqual(['The documents do not contain a price.', ' Sorry.']);
    expect(events.at(-1)).toMatchObject({ end: { reason: null } });
  });

  it.each([[[NO_ANSWER_TEXT]], [Array.from(`**${NO_ANSWER_TEXT}** [1]`)]])(
    'puts the client\u2019s text in the place of the model\u2019s "no answer"',
    async (pieces) => {
      const { events } = await read(pieces.map((piece) => text(piece)));
      expect(deltas(events)).toEqual(['Nothing there.']);
      expect(events.at(-1)).toMatchObject({
        end: { answer: 'Nothing there.', reason: 'no_relevant_context', citations: [] },
      });
    },
  );

  it('sends what was held back when the answer ends in the middle of the sentence', async () => {
    const { events, call } = await read([
      text('The documents do'),
      { type: 'finish', choice: 0, finishReason: 'length' },
    ]);
    expect(deltas(events).join('')).toBe('The documents do');
    expect(call.warnings).toEqual([expect.stringContaining('cut off')]);
  });

  it.each([
    ['a refusal', [{ type: 'refusal-delta', choice: 0, text: 'No.' }]],
    ['nothing', []],
    ['white space', [text('  \n')]],
    ['what was filtered', [text('It'), { type: 'finish', choice: 0, finishReason: 'content-filter' }]],
  ] satisfies [string, ChatEvent[]][])('is no answer when the model gives %s', async (_name, given) => {
    const { events } = await read(given);
    expect(events.at(-1)).toMatchObject({ type: 'done', end: { reason: 'no_answer' } });
  });

  it('throws what the events throw, after the text that came before', async () => {
    const failure = new Error('broken');
    async function* stream(): AsyncGenerator<ChatEvent> {
      yield text('It carries');
      await Promise.resolve();
      throw failure;
    }
    const call = new CallContext({ id: 'req_1', surface: 'rag', receivedAt: 0 });
    const iterator = citeEvents(Promise.resolve(stream()), { sources: [SOURCE], noAnswerText: '', call });
    expect(await iterator.next()).toMatchObject({ value: { type: 'delta', text: 'It carries' } });
    await expect(iterator.next()).rejects.toBe(failure);
  });
});
