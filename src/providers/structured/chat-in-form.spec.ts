import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { collectChat } from '../../core/chat/collect-chat.js';
import { catalogEntry } from '../../../test/support/catalog-entry.js';
import { chatRequest, start } from '../../../test/support/scripted-providers.js';
import type { AttemptContext, OutputForm, ProviderAdapter } from '../provider-adapter.js';
import type { Target } from '../resilience/target.js';
import { chatInForm } from './chat-in-form.js';

const SCHEMA = { type: 'object', properties: { a: { type: 'integer' } } };
const FORMAT = { type: 'json-schema', name: 'thing', schema: SCHEMA } as const;
const FINISH: ChatEvent = { type: 'finish', choice: 0, finishReason: 'stop' };
const WIRE = { dialect: 'openai-chat' as const, value: {} };

function text(value: string): ChatEvent {
  return { type: 'text-delta', choice: 0, text: value, wire: WIRE };
}

interface Options {
  form?: OutputForm;
  jsonSchema?: boolean;
  tools?: boolean;
  structuredOutput?: OutputForm;
  events?: readonly ChatEvent[];
}

async function ask(
  request: Partial<ChatRequest>,
  { form, jsonSchema = false, tools = true, structuredOutput, events = [start, text('{"a":1}'), FINISH] }: Options = {},
): Promise<{ sent: ChatRequest; warnings: string[]; seen: ChatEvent[] }> {
  const warnings: string[] = [];
  let sent = chatRequest();
  const adapter: ProviderAdapter = {
    async *chat(_model, asked) {
      sent = asked;
      await Promise.resolve();
      yield* events;
    },
    ...(form && { outputForm: () => form }),
  };
  const target = {
    model: 'x',
    catalogEntry: catalogEntry({ model: 'x', capabilities: { jsonSchema, tools } }),
    provider: { adapter, config: { name: 'a', structuredOutput } },
  } as unknown as Target;
  const attempt = { warn: (message: string) => warnings.push(message) } as unknown as AttemptContext;
  const seen: ChatEvent[] = [];
  for await (const event of chatInForm(target, chatRequest({ responseFormat: FORMAT, ...request }), attempt)) {
    seen.push(event);
  }
  return { sent, warnings, seen };
}

describe(chatInForm.name, () => {
  it.each<[string, Partial<ChatRequest>, Options, OutputForm | null]>([
    ['no form', { responseFormat: undefined }, {}, null],
    ['plain text', { responseFormat: { type: 'text' } }, {}, null],
    ['a model that knows schemas', {}, { jsonSchema: true }, null],
    ['a model that knows none', {}, {}, 'tool'],
    ['a model that knows neither schemas nor functions', {}, { tools: false }, 'instruction'],
    ['an adapter that enforces none', {}, { jsonSchema: true, form: 'instruction' }, 'instruction'],
    ['an operator who knows better', {}, { structuredOutput: 'native' }, null],
    ['an operator who knows worse', {}, { jsonSchema: true, structuredOutput: 'tool' }, 'tool'],
    ['an operator who asks for too much', {}, { structuredOutput: 'native', form: 'instruction' }, 'instruction'],
    ['JSON mode', { responseFormat: { type: 'json-object' } }, {}, null],
    ['JSON mode by a function', { responseFormat: { type: 'json-object' } }, { form: 'tool' }, 'instruction'],
    ['functions of the client', { tools: [{ name: 'f' }] }, {}, 'instruction'],
    ['a list', { responseFormat: { ...FORMAT, schema: { type: 'array' } } }, {}, 'instruction'],
    ['alternatives', { responseFormat: { ...FORMAT, schema: { ...SCHEMA, anyOf: [{}] } } }, {}, 'instruction'],
    ['thinking', { reasoning: { effort: 'low' } }, {}, 'instruction'],
    ['no thinking', { reasoning: { effort: 'none' } }, {}, 'tool'],
    ['log probabilities', { logprobs: true }, {}, 'instruction'],
    ['several choices', { choices: 2 }, {}, 'instruction'],
  ])('asks for %s', async (_name, request, options, expected) => {
    const { sent, warnings, seen } = await ask(request, options);
    const isTool = sent.tools?.[0]?.name === 'thing';
    const system = JSON.stringify(sent.messages.filter(({ role }) => role === 'system'));
    const form = isTool ? 'tool' : system.includes('JSON') ? 'instruction' : null;
    expect(form).toBe(expected);
    expect(warnings).toHaveLength(expected === null ? 0 : 1);
    expect(sent.responseFormat === undefined || expected === null).toBe(true);
    expect(seen[0]).toEqual(expected === null ? start : { ...start, isFormEmulated: true });
  });

  it('changes what is sent on as it came, and nothing else of it', async () => {
    const body = {
      model: 'm',
      vendor_extra: 1,
      response_format: { type: 'json_schema' },
      messages: [
        { role: 'developer', content: 'Be kind' },
        { role: 'user', content: 'Hi' },
      ],
    };
    const request: Partial<ChatRequest> = {
      source: { dialect: 'openai-chat', body },
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be kind' }] },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      ],
    };
    const told = await ask(request, { form: 'instruction' });
    expect(told.sent.messages.map(({ role }) => role)).toEqual(['system', 'system', 'user']);
    expect(told.sent.source?.body).toEqual({
      model: 'm',
      vendor_extra: 1,
      messages: [body.messages[0], { role: 'system', content: expect.stringContaining('"integer"') }, body.messages[1]],
    });
    const called = await ask(request, { form: 'tool' });
    expect(called.sent.source?.body).toMatchObject({
      vendor_extra: 1,
      messages: body.messages,
      tools: [{ type: 'function', function: { name: 'thing', parameters: SCHEMA } }],
      tool_choice: { type: 'function', function: { name: 'thing' } },
    });
    expect(called.sent.source?.body).not.toHaveProperty('response_format');
    expect(called.sent.toolChoice).toEqual({ type: 'tool', name: 'thing' });
  });

  it('gives the arguments of the call as the text, and leaves the wire and all talk out', async () => {
    const events: ChatEvent[] = [
      start,
      { type: 'passthrough', wire: WIRE },
      { type: 'reasoning-delta', choice: 0, text: 'hm', wire: WIRE },
      text('Let me see.'),
      { type: 'tool-call-start', choice: 0, index: 1, id: 'c', name: 'thing' },
      { type: 'tool-call-delta', choice: 0, index: 1, argumentsDelta: '{"a"' },
      { type: 'tool-call-start', choice: 0, index: 2, id: 'd', name: 'thing' },
      { type: 'tool-call-delta', choice: 0, index: 2, argumentsDelta: '{"a":2}' },
      { type: 'tool-call-delta', choice: 0, index: 1, argumentsDelta: ':1}', wire: WIRE },
      text('Done.'),
      { type: 'finish', choice: 0, finishReason: 'tool-calls', rawFinishReason: 'tool_use' },
    ];
    const { seen } = await ask({}, { events });
    expect(seen).toEqual([
      { ...start, isFormEmulated: true },
      { type: 'reasoning-delta', choice: 0, text: 'hm' },
      { type: 'text-delta', choice: 0, text: '{"a"' },
      { type: 'text-delta', choice: 0, text: ':1}' },
      FINISH,
    ]);
  });

  it.each<[string, readonly ChatEvent[], string, string]>([
    [
      'a call without arguments',
      [
        { type: 'tool-call-start', choice: 0, index: 0, id: 'c', name: 'thing' },
        { ...FINISH, finishReason: 'tool-calls' },
      ],
      '{}',
      'stop',
    ],
    ['text in place of a call', [text('Sure: {"a":'), text('1}.'), FINISH], '{"a":1}', 'stop'],
    [
      'text and then a call',
      [
        text('{"a":1}'),
        { type: 'tool-call-start', choice: 0, index: 0, id: 'c', name: 'thing' },
        { type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: '{}' },
        FINISH,
      ],
      '{"a":1}',
      'stop',
    ],
    ['an answer that was cut', [text('{"a":'), { ...FINISH, finishReason: 'length' }], '{"a":', 'length'],
    ['no JSON', [text('No.'), { ...FINISH, finishReason: 'content-filter' }], 'No.', 'content-filter'],
  ])('takes %s', async (_name, events, expected, finishReason) => {
    const { seen } = await ask({}, { events: [start, ...events] });
    const { choices } = await collectChat(
      (async function* () {
        await Promise.resolve();
        yield* seen;
      })(),
    );
    expect(choices).toMatchObject([{ text: expected, finishReason, toolCalls: [] }]);
  });

  it('lets the client call its own functions', async () => {
    const events: ChatEvent[] = [
      start,
      text('Let me look.'),
      { type: 'tool-call-start', choice: 0, index: 0, id: 'c', name: 'f' },
      { type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: '{}' },
      { type: 'finish', choice: 0, finishReason: 'tool-calls' },
    ];
    const { seen } = await ask({ tools: [{ name: 'f' }] }, { events });
    expect(seen.slice(1).map(({ type }) => type)).toEqual([
      'text-delta',
      'tool-call-start',
      'tool-call-delta',
      'finish',
    ]);
    expect(seen.at(-1)).toMatchObject({ finishReason: 'tool-calls' });
  });
});
