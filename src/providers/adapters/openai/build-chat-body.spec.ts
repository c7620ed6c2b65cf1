import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import { buildChatBody } from './build-chat-body.js';
import { traitsOf } from './server-traits.js';

const OPENAI = traitsOf({ type: 'openai', azure: null });
const COMPATIBLE = traitsOf({ type: 'openai-compatible', azure: null });

function build(
  request: Partial<ChatRequest>,
  traits: Parameters<typeof buildChatBody>[2] = OPENAI,
): { body: JsonObject; warnings: string[] } {
  const warnings: string[] = [];
  const whole = { model: 'alias', messages: [], stream: false, ...request };
  const body = buildChatBody('m', whole, traits, (message) => warnings.push(message));
  return { body: JSON.parse(JSON.stringify(body)) as JsonObject, warnings };
}

describe(buildChatBody.name, () => {
  const source = { model: 'alias', messages: [{ role: 'user', content: 'Hi' }], vendor_extra: [1], store: true };

  it('sends a body of its own dialect on, with the owned fields replaced', () => {
    const asked = { ...source, stream: true, stream_options: { include_usage: false, include_obfuscation: false } };
    expect(build({ stream: true, source: { dialect: 'openai-chat', body: asked } }).body).toEqual({
      ...source,
      model: 'm',
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    });
    expect(build({ stream: false, source: { dialect: 'openai-chat', body: asked } }).body).toEqual({
      ...source,
      model: 'm',
      stream: false,
    });
  });

  it.each([true, null, undefined])('tells a model how hard to think unless it is known not to (%s)', (thinks) => {
    const reasoning = { effort: 'high', summary: 'auto' } as const;
    expect(build({ reasoning }, { ...OPENAI, thinks }).body.reasoning_effort).toBe('high');
    const { body, warnings } = build({ reasoning }, { ...OPENAI, thinks: false });
    expect(body).not.toHaveProperty('reasoning_effort');
    expect(warnings).toEqual([expect.stringContaining('does not reason')]);
  });

  it('does not change the body it was given', () => {
    const body = { ...source, stream_options: null };
    build({ stream: true, source: { dialect: 'openai-chat', body } });
    expect(body).toEqual({ ...source, stream_options: null });
  });

  it('translates a conversation', () => {
    const { body } = build({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          name: 'ada',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' }, detail: 'low' },
            { type: 'image', source: { kind: 'url', url: 'https://example.org/a.png' } },
            { type: 'audio', data: 'BBBB', format: 'wav' },
            { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'CCCC' }, filename: 'a.pdf' },
            { type: 'file', source: { kind: 'id', fileId: 'file-1' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Looking.' },
            { type: 'tool-call', id: 'call_1', name: 'look', arguments: '{"x":1}' },
          ],
        },
        { role: 'tool', toolCallId: 'call_1', content: [{ type: 'text', text: 'A cat.' }] },
      ],
    });
    expect(body.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        name: 'ada',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
          { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
          { type: 'input_audio', input_audio: { data: 'BBBB', format: 'wav' } },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,CCCC', filename: 'a.pdf' } },
          { type: 'file', file: { file_id: 'file-1' } },
        ],
      },
      {
        role: 'assistant',
        content: 'Looking.',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"x":1}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'A cat.' },
    ]);
  });

  it('translates the parameters', () => {
    const request: Partial<ChatRequest> = {
      temperature: 0.5,
      stop: ['x'],
      seed: 1,
      choices: 2,
      user: 'u',
      tools: [{ name: 'f', parameters: { type: 'object' } }],
      toolChoice: { type: 'tool', name: 'f' },
      parallelToolCalls: false,
      responseFormat: { type: 'json-schema', name: 's', schema: { type: 'object' }, strict: true },
      reasoning: { effort: 'low' },
    };
    expect(build(request)).toEqual({
      body: {
        model: 'm',
        messages: [],
        stream: false,
        temperature: 0.5,
        stop: ['x'],
        seed: 1,
        n: 2,
        user: 'u',
        tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
        tool_choice: { type: 'function', function: { name: 'f' } },
        parallel_tool_calls: false,
        response_format: { type: 'json_schema', json_schema: { name: 's', schema: { type: 'object' }, strict: true } },
        reasoning_effort: 'low',
      },
      warnings: [],
    });
  });

  it('uses the names that each kind of server knows', () => {
    expect(build({ maxOutputTokens: 9 }).body).toMatchObject({ max_completion_tokens: 9 });
    expect(build({ maxOutputTokens: 9, topK: 3 }, COMPATIBLE)).toEqual({
      body: { model: 'm', messages: [], stream: false, max_tokens: 9, top_k: 3 },
      warnings: [],
    });
  });

  it('sends at most four stop sequences to OpenAI, all of them to others, and no empty list', () => {
    const stop = ['a', 'b', 'c', 'd', 'e'];
    expect(build({ stop }).body.stop).toEqual(['a', 'b', 'c', 'd']);
    expect(build({ stop }, COMPATIBLE)).toMatchObject({ body: { stop }, warnings: [] });
    expect(build({ stop: [] }).body).not.toHaveProperty('stop');
  });

  it('puts the newer words of a relayed body into those that compatible servers know', () => {
    const body = {
      messages: [
        { role: 'developer', content: 'Be brief.', extra: 1 },
        { role: 'user', content: 'Hi' },
      ],
      max_completion_tokens: 9,
      vendor_extra: true,
    };
    const request: Partial<ChatRequest> = { source: { dialect: 'openai-chat', body } };
    expect(build(request, COMPATIBLE).body).toEqual({
      model: 'm',
      stream: false,
      messages: [
        { role: 'system', content: 'Be brief.', extra: 1 },
        { role: 'user', content: 'Hi' },
      ],
      max_tokens: 9,
      vendor_extra: true,
    });
    expect(build(request).body).toEqual({ ...body, model: 'm', stream: false });
  });

  it('keeps the newer word of two about the output limit, as the bill does', () => {
    const body = { messages: [], max_tokens: 100, max_completion_tokens: 9 };
    expect(build({ source: { dialect: 'openai-chat', body } }, COMPATIBLE).body).toMatchObject({ max_tokens: 9 });
  });

  it.each([OPENAI, COMPATIBLE])(
    'lets no client say where a request goes, with what key and to which model',
    (traits) => {
      const body = {
        messages: [],
        api_key: 'sk-own',
        api_base: 'http://127.0.0.1',
        base_url: 'http://127.0.0.1',
        extra_headers: { authorization: 'x' },
        extra_query: {},
        extra_body: { model: 'dear' },
        models: ['dear'],
        fallbacks: ['dear'],
        model_list: [],
        provider: { sort: 'price' },
      };
      const { body: sent, warnings } = build({ source: { dialect: 'openai-chat', body } }, traits);
      expect(sent).toEqual({ messages: [], provider: { sort: 'price' }, model: 'm', stream: false });
      expect(warnings).toHaveLength(9);
      expect(warnings.join()).not.toMatch(/sk-own|127|dear/);
    },
  );

  it('asks for no usage where the server does not know the question', () => {
    const deaf = { ...COMPATIBLE, takesStreamOptions: false };
    const source = { dialect: 'openai-chat' as const, body: { messages: [], stream_options: { include_usage: true } } };
    expect(build({ stream: true, source }, deaf).body).toEqual({ messages: [], model: 'm', stream: true });
  });

  it.each([
    [null, 'max_completion_tokens', true],
    ['2024-10-21', 'max_completion_tokens', true],
    ['2024-09-01-preview', 'max_completion_tokens', true],
    ['2024-06-01', 'max_tokens', false],
  ])('speaks to Azure of version %s in its words', (apiVersion, limit, takesStreamOptions) => {
    const traits = traitsOf({ type: 'azure-openai', azure: { apiVersion, deployments: {} } });
    const { body } = build({ stream: true, maxOutputTokens: 9 }, traits);
    expect(body).toHaveProperty(limit, 9);
    expect('stream_options' in body).toBe(takesStreamOptions);
  });

  it('tells the images of tool results in a message of their own, after all results of the turn', () => {
    const image = { type: 'image' as const, source: { kind: 'url' as const, url: 'https://example.org/a.png' } };
    const { body, warnings } = build({
      messages: [
        { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: 'Taken.' }, image] },
        { role: 'tool', toolCallId: 'b', content: [{ type: 'text', text: 'None.' }] },
        { role: 'assistant', content: [{ type: 'text', text: 'A cat.' }] },
        { role: 'tool', toolCallId: 'c', content: [image] },
      ],
    });
    const told = (id: string): JsonObject => ({
      role: 'user',
      content: [
        { type: 'text', text: `Images in the result of ${id}:` },
        { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
      ],
    });
    expect(body.messages).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'Taken.' },
      { role: 'tool', tool_call_id: 'b', content: 'None.' },
      told('a'),
      { role: 'assistant', content: 'A cat.' },
      { role: 'tool', tool_call_id: 'c', content: '' },
      told('c'),
    ]);
    expect(warnings).toEqual([]);
  });

  it('leaves out earlier reasoning and what other vendors signed, and says nothing of it', () => {
    const { body, warnings } = build({
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm', signature: 'sig', signedBy: 'anthropic' },
            { type: 'tool-call', id: 'a', name: 'f', arguments: '{}', signature: 'sig', signedBy: 'gemini' },
          ],
        },
        { role: 'assistant', content: [{ type: 'reasoning', text: 'Hm' }] },
        { role: 'assistant', content: [{ type: 'refusal', text: 'No.' }] },
      ],
    });
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
    expect(body.messages).toEqual([
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'assistant', content: '' },
      { role: 'assistant', content: null, refusal: 'No.' },
    ]);
    expect(warnings).toEqual([]);
  });

  it.each<[string, Partial<ChatRequest>]>([
    ['top_k', { topK: 3 }],
    ['a reasoning budget', { reasoning: { budgetTokens: 4000 } }],
    ['a fifth stop sequence', { stop: ['a', 'b', 'c', 'd', 'e'] }],
    ['the error mark of a result', { messages: [{ role: 'tool', toolCallId: 'a', content: [], isError: true }] }],
    ['a parameter of another dialect', { extraParameters: ['container'] }],
  ])('warns of %s', (_what, request) => {
    expect(build(request).warnings).toHaveLength(1);
  });
});
