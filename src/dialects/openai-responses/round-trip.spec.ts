import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openAiSchemaCheck } from '../../../test/support/openai-schemas.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { AssistantPart } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import { parseResponsesRequest } from './parse-responses-request.js';
import { ResponseWriter } from './response-writer.js';

const checkEvent = openAiSchemaCheck('ResponseStreamEvent');
const checkResponse = openAiSchemaCheck('Response');
const MODEL = 'model-x';
const TOOLS = [
  { type: 'function', name: 'find' },
  { type: 'custom', name: 'patch' },
  { type: 'namespace', name: 'mail', description: '', tools: [{ type: 'function', name: 'send' }] },
];

/** A piece of an answer: what a provider sends of it, and what it is as a part of a message. */
interface Piece {
  events: (call: number) => ChatEvent[];
  part: (call: number) => AssistantPart;
}

const words = fc.array(fc.string({ minLength: 1, unit: 'binary' }), { minLength: 1, maxLength: 4 });
const name = fc.constantFrom('find', 'patch', 'mail__send', 'made_up');

const said = words.map((texts): Piece => ({
  events: () => texts.map((text) => ({ type: 'text-delta', choice: 0, text })),
  part: () => ({ type: 'text', text: texts.join('') }),
}));
const refused = words.map((texts): Piece => ({
  events: () => texts.map((text) => ({ type: 'refusal-delta', choice: 0, text })),
  part: () => ({ type: 'refusal', text: texts.join('') }),
}));
const thought = fc
  .record({ texts: words, signature: fc.string({ minLength: 1 }), signedBy: fc.constantFrom('anthropic', 'gemini') })
  .map(({ texts, signature, signedBy }): Piece => ({
    events: () => [
      ...texts.map((text): ChatEvent => ({ type: 'reasoning-delta', choice: 0, text })),
      { type: 'reasoning-delta', choice: 0, text: '', signature, signedBy },
    ],
    part: () => ({ type: 'reasoning', text: texts.join(''), signedBy, model: MODEL, signature }),
  }));
const sealed = fc.string({ minLength: 1 }).map((redacted): Piece => ({
  events: () => [{ type: 'reasoning-delta', choice: 0, text: '', redacted, signedBy: 'anthropic' }],
  part: () => ({ type: 'reasoning', text: '', signedBy: 'anthropic', model: MODEL, redacted }),
}));
const called = fc
  .record({ name, input: fc.string({ minLength: 1 }), cut: fc.nat(20), seal: fc.option(fc.string({ minLength: 1 })) })
  .map(({ name, input, cut, seal }): Piece => {
    const text = JSON.stringify({ input });
    const signed = seal === null ? {} : ({ signature: seal, signedBy: 'gemini' } as const);
    return {
      events: (index) => [
        { type: 'tool-call-start', choice: 0, index, id: `call_${String(index)}`, name, ...signed },
        { type: 'tool-call-delta', choice: 0, index, argumentsDelta: text.slice(0, cut) },
        { type: 'tool-call-delta', choice: 0, index, argumentsDelta: text.slice(cut) },
      ],
      part: (index) => ({ type: 'tool-call', id: `call_${String(index)}`, name, arguments: text, ...signed }),
    };
  });

// Two texts in a row are one.
const answers = fc
  .array(fc.oneof(said, refused, thought, sealed, called), { minLength: 1, maxLength: 8 })
  .map((pieces) => pieces.map((piece, index) => ({ events: piece.events(index), part: piece.part(index) })))
  .map((pieces) => pieces.filter(({ part: { type } }, index) => isNew(type, pieces[index - 1]?.part.type)));

function isNew(type: string, before: string | undefined): boolean {
  return type !== before || type === 'tool-call' || type === 'reasoning';
}

function tell(events: readonly ChatEvent[]): { told: JsonObject[]; response: JsonObject } {
  const writer = new ResponseWriter(parseResponsesRequest({ model: 'm', input: 'Hello.', tools: TOOLS }), {
    id: 'resp_1',
    createdAt: 1,
  });
  const told = [...writer.start(), ...events.flatMap((event) => [...writer.add(event)]), ...writer.finish()];
  return {
    told: told.map((event) => JSON.parse(typeof event === 'string' ? event : JSON.stringify(event)) as JsonObject),
    response: JSON.parse(JSON.stringify(writer.response)) as JsonObject,
  };
}

/** What a client makes of the deltas alone: for each item, all of its texts. */
function foldDeltas(told: readonly JsonObject[]): Map<unknown, string> {
  const texts = new Map<unknown, string>();
  for (const { type, item_id: id, delta } of told) {
    if ((type as string).endsWith('.delta')) texts.set(id, (texts.get(id) ?? '') + (delta as string));
  }
  return texts;
}

function textOfItem(item: JsonObject): string {
  const parts = [item.summary, item.content].flatMap((list) => (Array.isArray(list) ? (list as JsonObject[]) : []));
  const texts = [item.arguments, item.input, ...parts.flatMap(({ text, refusal }) => [text, refusal])];
  return texts.filter((text) => typeof text === 'string').join('');
}

describe('an answer told as a response', () => {
  it('is told by valid events that come to the response, and read back as what it was', () => {
    fc.assert(
      fc.property(answers, (pieces) => {
        const events: ChatEvent[] = [
          { type: 'response-start', id: 'u', model: MODEL },
          ...pieces.flatMap(({ events }) => events),
          { type: 'finish', choice: 0, finishReason: 'stop' },
        ];
        const { told, response } = tell(events);
        told.forEach((event, index) => {
          checkEvent(event);
          expect(event.sequence_number).toBe(index);
        });
        checkResponse(response);
        const output = response.output as JsonObject[];
        expect(told.at(-1)?.response).toEqual(response);
        const done = told.filter(({ type }) => type === 'response.output_item.done');
        expect(done.sort((a, b) => Number(a.output_index) - Number(b.output_index)).map(({ item }) => item)).toEqual(
          output,
        );
        const count = (end: string): number => told.filter(({ type }) => (type as string).endsWith(end)).length;
        expect(count('part.done')).toBe(count('part.added'));
        const deltas = foldDeltas(told);
        for (const item of output) expect(deltas.get(item.id) ?? '').toBe(textOfItem(item));

        const results = pieces.flatMap(({ part }) =>
          part.type === 'tool-call' ? [{ type: 'function_call_output', call_id: part.id, output: '' }] : [],
        );
        const { chat } = parseResponsesRequest({ model: 'm', input: [...output, ...results], tools: TOOLS });
        expect(chat.messages[0]).toEqual({ role: 'assistant', content: pieces.map(({ part }) => part) });
        expect(chat.extraParameters).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});
