import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { SseFrame } from '../../../core/sse-frame.js';
import { renderChatStream } from '../../../dialects/openai-chat/render-stream.js';
import { OpenAiStreamReader } from './chat-stream-reader.js';
import { TextChunks } from './text-chunks.js';

const HEAD = { id: 'c1', object: 'chat.completion.chunk', created: 7, model: 'm1' };

function chunkText(delta: object, choice: object = {}, rest: object = { usage: null }): string {
  return JSON.stringify({ ...HEAD, choices: [{ index: 0, delta, finish_reason: null, ...choice }], ...rest });
}

function learnt(data: string, text: string): TextChunks {
  const chunks = new TextChunks();
  const wire = { dialect: 'openai-chat', value: JSON.parse(data) as unknown, text: data } as const;
  chunks.learn(data, [{ type: 'text-delta', choice: 0, text, wire }]);
  return chunks;
}

const attempt = { apiKey: null, skipped: () => undefined, implausibleUsage: () => undefined };

describe(TextChunks.name, () => {
  it('reads what is like a chunk that it has learnt, with a wire object as if it were parsed', () => {
    const data = chunkText({ content: ' there, "usage" of it'.replaceAll('"', "'") });
    const event = learnt(chunkText({ content: 'Hi' }), 'Hi').read(data);
    expect(event).toMatchObject({ type: 'text-delta', choice: 0, text: " there, 'usage' of it" });
    expect(event?.wire).toMatchObject({ dialect: 'openai-chat', text: data });
    expect(event?.wire?.value).toEqual(JSON.parse(data));
  });

  it.each([
    ['an end', chunkText({ content: 'a' }, { finish_reason: 'stop' })],
    ['another choice', chunkText({ content: 'a' }, { index: 1 })],
    ['more in the delta', chunkText({ content: 'a', refusal: 'no' })],
    ['a usage', chunkText({ content: 'a' }, {}, { usage: { total_tokens: 1 } })],
    ['no text', chunkText({ content: '' })],
    ['an escape', chunkText({ content: 'say "a"' })],
    ['a line break', chunkText({ content: 'a\nb' })],
    ['broken JSON', chunkText({ content: 'a' }).replace('"a"', '"a\u0001"')],
    ['a text that ends early', chunkText({ content: 'a' }).replace('"a"', '"a","content":"b"')],
  ])('leaves %s to the parser', (_, data) => {
    expect(learnt(chunkText({ content: 'Hi' }), 'Hi').read(data)).toBeNull();
  });

  it('learns nothing where the text stands in two places, or not as it was read', () => {
    const twice = chunkText({ content: 'Hi' }, { message: { content: 'Hi' } });
    expect(learnt(twice, 'Hi').read(chunkText({ content: 'a' }, { message: { content: 'Hi' } }))).toBeNull();
    expect(learnt(chunkText({ content: 'Hi' }), 'Ho').read(chunkText({ content: 'a' }))).toBeNull();
  });

  it('knows nothing any more once a choice has ended', () => {
    const chunks = learnt(chunkText({ content: 'Hi' }), 'Hi');
    chunks.forget();
    expect(chunks.read(chunkText({ content: 'a' }))).toBeNull();
  });

  it('changes nothing of what a client gets, whatever the texts are', async () => {
    const texts = fc.array(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"', '\\', ',"usage":null', '"content":"')),
    );
    await fc.assert(
      fc.asyncProperty(texts, fc.boolean(), fc.constantFrom({}, { usage: null }), async (pieces, wanted, rest) => {
        const frames = [
          chunkText({ role: 'assistant', content: '' }, {}, rest),
          ...pieces.map((content) => chunkText({ content }, {}, rest)),
          chunkText({}, { finish_reason: 'stop' }, rest),
        ];
        const reader = new OpenAiStreamReader(attempt, false);
        const events: ChatEvent[] = frames.flatMap((data) => reader.read({ event: '', data }));
        const delivered = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
        expect(delivered).toBe(pieces.join(''));
        const source = { dialect: 'openai-chat', body: { stream_options: { include_usage: wanted } } } as const;
        const request = { model: 'm', messages: [], stream: true, source };
        const sent = await dataOf(renderChatStream(toAsync(events), request));
        const expected = frames.map((data) => {
          const { usage: _, ...value } = JSON.parse(data) as { usage?: null };
          return wanted ? { ...value, usage: null } : value;
        });
        expect(sent.slice(0, -1).map((frame) => JSON.parse(frame) as unknown)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
});

async function dataOf(frames: AsyncIterable<SseFrame>): Promise<string[]> {
  const data: string[] = [];
  for await (const frame of frames) data.push(frame.data);
  return data;
}

async function* toAsync(events: readonly ChatEvent[]): AsyncGenerator<ChatEvent> {
  for (const event of events) yield await Promise.resolve(event);
}
