import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../core/json.js';
import { parseResponsesRequest } from './parse-responses-request.js';

const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';

function parse(rest: JsonObject): ReturnType<typeof parseResponsesRequest> {
  return parseResponsesRequest({ model: 'm', input: 'Hello.', ...rest });
}

describe(parseResponsesRequest.name, () => {
  it('reads a text as what the user says, after the instructions', () => {
    const { chat, input, store, isBackground } = parse({ instructions: 'Be brief.' });
    expect(chat.messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Hello.' }] },
    ]);
    expect(chat.earlierMessages).toBe(1);
    expect(input).toEqual([{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello.' }] }]);
    expect([store, isBackground, chat.extraParameters]).toEqual([true, false, undefined]);
  });

  it('reads every kind of content', () => {
    const { chat } = parse({
      input: [
        { role: 'developer', content: [{ type: 'input_text', text: 'Rules.' }] },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'Look.' },
            { type: 'input_image', image_url: PIXEL, detail: 'original' },
            { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'low' },
            { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
            { type: 'input_file', file_url: 'https://example.com/a.pdf' },
            { type: 'input_file', file_id: 'file-1' },
            { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
          ],
        },
        {
          type: 'message',
          role: 'assistant',
          id: 'msg_1',
          status: 'completed',
          content: [
            { type: 'output_text', text: 'I see.', annotations: [], logprobs: [] },
            { type: 'refusal', refusal: 'No.' },
          ],
        },
      ],
    });
    expect(chat.messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Rules.' }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look.' },
          { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' }, detail: 'high' },
          { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' }, detail: 'low' },
          {
            type: 'file',
            source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
            filename: 'a.pdf',
          },
          { type: 'file', source: { kind: 'id', fileId: 'https://example.com/a.pdf' }, filename: undefined },
          { type: 'file', source: { kind: 'id', fileId: 'file-1' }, filename: undefined },
          { type: 'audio', data: 'AAAA', format: 'wav' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I see.' },
          { type: 'refusal', text: 'No.' },
        ],
      },
    ]);
  });

  it('makes one message of what a model did in one go, and puts results behind their calls', () => {
    const { chat } = parse({
      input: [
        { role: 'user', content: 'Find both.' },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'Two calls.' }],
          encrypted_content: 'sealed',
        },
        { type: 'message', role: 'assistant', content: 'One moment.' },
        { type: 'function_call', call_id: 'a', name: 'find', arguments: '{"q":1}' },
        { type: 'custom_tool_call', call_id: 'b', name: 'patch', input: '*** Begin' },
        { type: 'function_call_output', call_id: 'a', output: 'One.' },
        { role: 'user', content: 'Hurry.' },
        { type: 'custom_tool_call_output', call_id: 'b', output: [{ type: 'input_text', text: 'Two.' }] },
      ],
    });
    expect(chat.messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Find both.' }] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Two calls.', signature: 'sealed', signedBy: 'openai' },
          { type: 'text', text: 'One moment.' },
          { type: 'tool-call', id: 'a', name: 'find', arguments: '{"q":1}' },
          { type: 'tool-call', id: 'b', name: 'patch', arguments: '{"input":"*** Begin"}' },
        ],
      },
      { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: 'One.' }] },
      { role: 'tool', toolCallId: 'b', content: [{ type: 'text', text: 'Two.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Hurry.' }] },
    ]);
  });

  it('begins another message with what a model does after a result', () => {
    const call = (id: string): JsonObject => ({ type: 'function_call', call_id: id, name: 'find', arguments: '{}' });
    const output = (id: string): JsonObject => ({ type: 'function_call_output', call_id: id, output: id });
    const { chat } = parse({ input: [call('a'), output('a'), call('b'), call('c'), output('c'), output('b')] });
    const ids = chat.messages.map((message) =>
      message.role === 'tool' ? message.toolCallId : message.content.map((part) => 'id' in part && part.id),
    );
    expect(ids).toEqual([['a'], 'a', ['b', 'c'], 'c', 'b']);
  });

  it('keeps two messages of the model apart, and an empty result', () => {
    const { chat } = parse({
      input: [
        { role: 'assistant', content: 'One.' },
        { role: 'assistant', content: 'Two.' },
        { type: 'function_call', call_id: 'a', name: 'find', arguments: '{}' },
        { type: 'function_call_output', call_id: 'a', output: [] },
      ],
    });
    expect(chat.messages.map(({ role, content }) => [role, content.length])).toEqual([
      ['assistant', 1],
      ['assistant', 2],
      ['tool', 1],
    ]);
  });

  it('reads what steers the answer, and names what only OpenAI heeds', () => {
    const { chat, include } = parse({
      max_output_tokens: 5,
      temperature: 0.5,
      top_p: 0.9,
      top_logprobs: 2,
      include: ['message.output_text.logprobs'],
      parallel_tool_calls: false,
      reasoning: { effort: 'max', summary: 'auto' },
      text: { format: { type: 'json_schema', name: 'f', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
      truncation: 'auto',
      service_tier: 'flex',
      safety_identifier: 's',
      user: 'u',
      metadata: { a: 'b' },
      prompt_cache_key: 'k',
      max_tool_calls: 3,
      context_management: [{ type: 'compaction' }],
      background: false,
    });
    expect(chat).toMatchObject({
      maxOutputTokens: 5,
      temperature: 0.5,
      topP: 0.9,
      logprobs: true,
      topLogprobs: 2,
      parallelToolCalls: false,
      reasoning: { effort: 'xhigh', summary: 'auto' },
      responseFormat: { type: 'json-schema', name: 'f', schema: { type: 'object' }, strict: true },
      user: 's',
    });
    expect(include).toEqual(['message.output_text.logprobs']);
    expect(chat.extraParameters).toEqual([
      'text.verbosity',
      'truncation',
      'max_tool_calls',
      'service_tier',
      'prompt_cache_key',
      'context_management',
    ]);
  });

  it('says nothing of what says nothing', () => {
    const { chat } = parse({
      text: { format: { type: 'text' }, verbosity: 'medium' },
      truncation: 'disabled',
      service_tier: 'auto',
      reasoning: { effort: null },
      store: false,
      metadata: null,
      moderation: null,
    });
    expect(chat.extraParameters).toBeUndefined();
    expect(chat.reasoning).toBeUndefined();
  });

  it('keeps items of unknown types for OpenAI, and names them', () => {
    const input = [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Go on.' },
          { type: 'computer_screenshot', image_url: 'x' },
        ],
      },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { type: 'item_reference', id: 'msg_9' },
    ];
    const { chat, references } = parse({ input });
    expect(chat.messages).toHaveLength(1);
    expect(chat.extraParameters).toEqual(['input[0].content[1] (computer_screenshot)', 'input[1] (web_search_call)']);
    expect(references).toEqual(['msg_9']);
    expect(chat.source?.body.input).toBe(input);
  });

  it('reads what the response belongs to', () => {
    expect(parse({ previous_response_id: 'resp_1', input: undefined })).toMatchObject({
      previousResponseId: 'resp_1',
      input: [],
    });
    expect(parse({ conversation: { id: 'conv_1' } })).toMatchObject({ conversationId: 'conv_1' });
    expect(parse({ conversation: 'conv_1', store: false })).toMatchObject({ conversationId: 'conv_1', store: false });
  });

  it('takes results of calls that stand in earlier responses', () => {
    const input = [{ type: 'function_call_output', call_id: 'a', output: 'One.' }];
    expect(parse({ input, previous_response_id: 'resp_1' }).chat.messages).toHaveLength(1);
  });
});
