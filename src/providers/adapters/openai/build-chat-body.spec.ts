import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import { buildChatBody, type OpenAiFlavour } from './build-chat-body.js';

function build(
  request: Partial<ChatRequest>,
  flavour: OpenAiFlavour = 'openai',
): { body: JsonObject; warnings: string[] } {
  const warnings: string[] = [];
  const whole = { model: 'alias', messages: [], stream: false, ...request };
  const body = buildChatBody('m', whole, flavour, (message) => warnings.push(message));
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
    expect(build({ maxOutputTokens: 9, topK: 3 }, 'openai-compatible')).toEqual({
      body: { model: 'm', messages: [], stream: false, max_tokens: 9, top_k: 3 },
      warnings: [],
    });
  });

  it.each<[string, Partial<ChatRequest>]>([
    ['top_k', { topK: 3 }],
    ['a reasoning budget', { reasoning: { budgetTokens: 4000 } }],
    ['earlier reasoning', { messages: [{ role: 'assistant', content: [{ type: 'reasoning', text: 'Hm' }] }] }],
    ['the error mark of a result', { messages: [{ role: 'tool', toolCallId: 'a', content: [], isError: true }] }],
    ['a parameter of another dialect', { extraParameters: ['container'] }],
  ])('warns of %s', (_what, request) => {
    expect(build(request).warnings).toHaveLength(1);
  });
});
