import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChatEvent } from '../../../../src/core/chat/chat-event.js';
import type { ChatMessage } from '../../../../src/core/chat/chat-request.js';
import { parseExactJson } from '../../../../src/core/exact-json.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../src/core/json.js';
import { CLIENT_DIALECTS } from './client-dialects.js';
import { essenceOf, saidIn } from './essence.js';
import { anyRequest } from './generate-requests.js';
import { RENDERERS } from './renderers.js';
import { at } from './said.js';
import { send } from './translate.js';
import { TARGETS } from './translation-targets.js';

/** Whose words each kind of provider is asked in. */
const PAIRS = [
  ['openai', 'openai-chat'],
  ['openai-responses', 'openai-responses'],
  ['openai-compatible', 'openai-chat'],
  ['anthropic', 'anthropic-messages'],
] as const;

describe.each(PAIRS)('what %s is asked', (targetName, dialectName) => {
  const target = TARGETS.find(({ name }) => name === targetName);
  const dialect = CLIENT_DIALECTS.find(({ name }) => name === dialectName);

  it(`is read in ${dialectName} as what was to be asked`, async () => {
    if (!target || !dialect) throw new Error('There is no such pair.');
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        const { body, warnings } = await send(() => request, target);
        const read = dialect.parse(body ?? {});
        expect({ warnings, ...(essenceOf(read) as object) }).toEqual({
          warnings: [],
          ...(essenceOf(request) as object),
        });
      }),
      { numRuns: 60 },
    );
  });
});

const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map((text) => `${text}.`);
const answer = fc
  .record({
    pieces: fc.array(word, { maxLength: 4 }),
    calls: fc.array(fc.record({ name: fc.stringMatching(/^[a-z]{1,8}$/), city: word, id: fc.bigInt() }), {
      maxLength: 3,
    }),
  })
  .filter(({ pieces, calls }) => pieces.length + calls.length > 0);

type Answer = typeof answer extends fc.Arbitrary<infer Value> ? Value : never;

describe.each(['openai-chat', 'openai-responses', 'anthropic-messages', 'native'])('an answer in %s', (dialectName) => {
  const renderer = RENDERERS.find(({ name }) => name === dialectName);
  const dialect = CLIENT_DIALECTS.find(({ name }) => name === dialectName);

  it('is read as what was said when the client sends it back', () => {
    if (!renderer || !dialect) throw new Error('There is no such dialect.');
    fc.assert(
      fc.property(answer, (said) => {
        const body = parsedAnew(renderer.whole(eventsOf(said)));
        const { messages } = dialect.parse(followUp(dialectName, body, said));
        expect(saidIn(messages)).toEqual(saidIn(conversationOf(said)));
      }),
      { numRuns: 100 },
    );
  });
});

function eventsOf({ pieces, calls }: Answer): ChatEvent[] {
  return [
    { type: 'response-start', id: 'answer_1', model: 'model-1', createdAt: 1_767_225_600 },
    ...pieces.map((text): ChatEvent => ({ type: 'text-delta', choice: 0, text })),
    ...calls.flatMap((call, index): ChatEvent[] => [
      { type: 'tool-call-start', choice: 0, index, id: idOf(index), name: call.name },
      { type: 'tool-call-delta', choice: 0, index, argumentsDelta: argumentsOf(call) },
    ]),
    { type: 'finish', choice: 0, finishReason: calls.length > 0 ? 'tool-calls' : 'stop' },
  ];
}

function conversationOf({ pieces, calls }: Answer): ChatMessage[] {
  return [
    { role: 'user', content: [{ type: 'text', text: 'Before.' }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: pieces.join('') },
        ...calls.map((call, index) => ({
          type: 'tool-call' as const,
          id: idOf(index),
          name: call.name,
          arguments: argumentsOf(call),
        })),
      ],
    },
    ...calls.map((_call, index): ChatMessage => ({
      role: 'tool',
      toolCallId: idOf(index),
      content: [{ type: 'text', text: `result ${String(index)}` }],
    })),
    { role: 'user', content: [{ type: 'text', text: 'After.' }] },
  ];
}

/** The request in which a client of the dialect goes on from the answer, the way its SDK would. */
function followUp(dialect: string, body: JsonObject, { calls }: Answer): JsonObject {
  const user = (content: string): JsonObject => ({ role: 'user', content });
  const results = (make: (id: string, content: string) => JsonObject): JsonObject[] =>
    calls.map((_call, index) => make(idOf(index), `result ${String(index)}`));
  const toolMessages = results((id, content) => ({ role: 'tool', tool_call_id: id, content }));
  switch (dialect) {
    case 'openai-chat':
      return {
        model: 'm',
        messages: [user('Before.'), message(at(body, 'choices', 0, 'message')), ...toolMessages, user('After.')],
      };
    case 'native': {
      const said = {
        role: 'assistant',
        content: body.content,
        ...(calls.length > 0 && { tool_calls: body.tool_calls }),
      };
      return { model: 'm', messages: [user('Before.'), said, ...toolMessages, user('After.')] };
    }
    case 'openai-responses': {
      const outputs = results((id, output) => ({ type: 'function_call_output', call_id: id, output }));
      return { model: 'm', input: [user('Before.'), ...(body.output as JsonObject[]), ...outputs, user('After.')] };
    }
    default: {
      const blocks = results((id, content) => ({ type: 'tool_result', tool_use_id: id, content }));
      const next = { role: 'user', content: [...blocks, { type: 'text', text: 'After.' }] };
      return {
        model: 'm',
        max_tokens: 9,
        messages: [user('Before.'), { role: 'assistant', content: body.content }, next],
      };
    }
  }
}

function message(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function parsedAnew(body: JsonObject): JsonObject {
  return parseExactJson(JSON.stringify(body)) as JsonObject;
}

function idOf(index: number): string {
  return `call_number${String(index)}`;
}

function argumentsOf({ city, id }: Answer['calls'][number]): string {
  return `{"city":${JSON.stringify(city)},"id":${String(id)}}`;
}
