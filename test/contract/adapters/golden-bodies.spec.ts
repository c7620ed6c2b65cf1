import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../../src/core/chat/chat-request.js';
import { chatRequest, createTransport, drain, testAttempt } from './adapter-under-test.js';
import { ADAPTERS } from './adapters.js';
import { ScriptedServer } from './scripted-server.js';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A conversation with something of everything, as it came from a dialect that no adapter speaks. */
const CONVERSATION: Pick<ChatRequest, 'messages' | 'tools' | 'toolChoice' | 'parallelToolCalls'> = {
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'You know the weather.' }] },
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Where was this, and how is it there?' },
        { type: 'image', source: { kind: 'url', url: 'https://example.org/köln.jpg' }, detail: 'high' },
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: PIXEL } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Two cathedrals.', signature: 'c2lnbmVk', signedBy: 'anthropic' },
        { type: 'text', text: 'Cologne and Rome. Let me look.' },
        { type: 'tool-call', id: 'call_a', name: 'get_weather', arguments: '{"city":"Köln"}' },
        { type: 'tool-call', id: 'call_b', name: 'get_weather', arguments: '{"city":"Rom"}' },
      ],
    },
    {
      role: 'tool',
      toolCallId: 'call_a',
      content: [
        { type: 'text', text: '7 °C' },
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: PIXEL } },
      ],
    },
    { role: 'tool', toolCallId: 'call_b', content: [{ type: 'text', text: 'No such station.' }], isError: true },
    { role: 'user', content: [{ type: 'text', text: 'And tomorrow?' }] },
  ],
  tools: [
    {
      name: 'get_weather',
      description: 'The weather in a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      strict: true,
    },
    { name: 'now' },
  ],
  toolChoice: { type: 'tool', name: 'get_weather' },
  parallelToolCalls: false,
};

const PARAMETERS: Partial<ChatRequest> = {
  maxOutputTokens: 500,
  temperature: 0.5,
  topP: 0.9,
  topK: 40,
  stop: ['END', 'FIN', 'FINE', 'ENDE', 'FIM'],
  seed: 7,
  presencePenalty: 0.1,
  frequencyPenalty: 0.2,
  user: 'user-1',
  extraParameters: ['container'],
  responseFormat: {
    type: 'json-schema',
    name: 'weather',
    description: 'What the weather is',
    schema: {
      type: 'object',
      properties: { degrees: { type: 'number' } },
      required: ['degrees'],
      additionalProperties: false,
    },
    strict: true,
  },
};

describe.each(ADAPTERS)('$name', ({ create }) => {
  const transport = createTransport();
  const server = new ScriptedServer();

  beforeAll(() => server.start());
  afterAll(async () => {
    await transport.close();
    await server.stop();
  });

  it.each<[string, Partial<ChatRequest>]>([
    ['a conversation with images and tools', { ...CONVERSATION, stream: true }],
    ['every parameter', { ...PARAMETERS, stream: false }],
    ['a reasoning effort', { reasoning: { effort: 'high' }, maxOutputTokens: 20_000, stream: false }],
    ['a reasoning budget', { reasoning: { budgetTokens: 4_096 }, maxOutputTokens: 20_000, stream: false }],
    ['log probabilities', { logprobs: true, topLogprobs: 3, logitBias: { '42': -100 }, stream: true }],
    ['a JSON object', { responseFormat: { type: 'json-object' }, stream: false }],
    ['any tool, which must be called', { tools: CONVERSATION.tools, toolChoice: { type: 'required' } }],
    ['a file and a sound', { messages: [{ role: 'user', content: fileAndSound() }] }],
  ])('sends %s in its own words, and tells what it could not', async (_what, request) => {
    const attempt = testAttempt();
    const before = server.requests.length;
    await drain(create(server.url, transport).chat?.('model-1', chatRequest(request), attempt) ?? nothing());
    const [sent] = server.requests.slice(before);
    expect({ path: sent?.path, body: sent?.body, warnings: attempt.warnings }).toMatchSnapshot();
  });
});

function fileAndSound(): Extract<ChatRequest['messages'][number], { role: 'user' }>['content'] {
  return [
    { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' } },
    { type: 'audio', data: 'UklGRg==', format: 'wav' },
    { type: 'text', text: 'Compare them.' },
  ];
}

async function* nothing(): AsyncGenerator<never> {
  yield* [];
}
