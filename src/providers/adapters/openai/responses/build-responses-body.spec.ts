import { describe, expect, it } from '@jest/globals';
import type { ChatMessage, ChatRequest } from '../../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../../core/json.js';
import { buildResponsesBody } from './build-responses-body.js';

const CAPABILITIES = {
  ...{ streaming: true, tools: true, vision: true, jsonSchema: true },
  ...{ reasoning: true, promptCaching: true, assistantPrefill: false },
};

type Known = Parameters<typeof buildResponsesBody>[2];

function build(request: Partial<ChatRequest>, known: Partial<Known> = {}): { body: JsonObject; warnings: string[] } {
  const warnings: string[] = [];
  const whole: ChatRequest = { model: 'alias', stream: false, messages: [], ...request };
  const body = buildResponsesBody(
    'o3-pro',
    whole,
    { catalogEntry: null, isNamed: true, isStrict: true, ...known },
    (message) => warnings.push(message),
  );
  return { body, warnings };
}

const known = (capabilities: Partial<typeof CAPABILITIES>): Partial<Known> => ({
  catalogEntry: { kind: 'responses', capabilities: { ...CAPABILITIES, ...capabilities } },
});

describe('a request in the same dialect', () => {
  const input = [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }], x_extra: 1 },
    { type: 'reasoning', summary: [], encrypted_content: 'gAAA' },
    { type: 'unknown_item', anything: [1, { a: null }] },
  ];
  const sent = {
    input,
    tools: [{ type: 'web_search' }, { type: 'namespace', name: 'n', description: '', tools: [] }],
    include: ['reasoning.encrypted_content', 'x'],
    prompt_cache_key: 'k',
    new_parameter: { deep: [true] },
  };
  const source = (body: JsonObject): Partial<ChatRequest> => ({ source: { dialect: 'openai-responses', body } });

  it('goes on as it came, but for the model, the mode, and what is kept', () => {
    const { body, warnings } = build(source({ ...sent, model: 'alias', stream: false, store: true }));
    expect(body).toEqual({ ...sent, model: 'o3-pro', stream: false, store: false });
    expect(warnings).toEqual([]);
  });

  it('goes on from nothing that only the gateway has', () => {
    const state = { previous_response_id: 'resp_1', conversation: 'conv_1', background: true };
    const { body } = build(source({ ...sent, ...state }));
    expect(body).toEqual({ ...sent, model: 'o3-pro', stream: false, store: false });
  });

  it('says nothing of where it goes, and tells the client so', () => {
    const { body, warnings } = build(source({ ...sent, api_base: 'http://evil', models: ['x'] }));
    expect(body).toEqual({ ...sent, model: 'o3-pro', stream: false, store: false });
    expect(warnings).toHaveLength(2);
  });

  it('keeps the options of a stream where there is one', () => {
    const options = { stream_options: { include_obfuscation: false } };
    expect(build({ ...source({ ...sent, ...options }), stream: true }).body).toMatchObject({
      stream: true,
      ...options,
    });
    expect(build(source({ ...sent, ...options })).body).not.toHaveProperty('stream_options');
  });

  it('asks OpenAI for no fewer tokens than it gives, and others for as few as is wanted', () => {
    const asked = source({ ...sent, max_output_tokens: 3 });
    const { body, warnings } = build(asked);
    expect(body.max_output_tokens).toBe(16);
    expect(warnings).toEqual([expect.stringContaining('16')]);
    expect(build(asked, { isStrict: false })).toMatchObject({ body: { max_output_tokens: 3 }, warnings: [] });
    expect(build({ maxOutputTokens: 1 }).body.max_output_tokens).toBe(16);
    expect(build({ maxOutputTokens: 17 }).warnings).toEqual([]);
  });

  it('asks no model for sealed thoughts that has none', () => {
    expect(build(source(sent), known({ reasoning: false })).body.include).toEqual(['x']);
    expect(build(source(sent), known({})).body.include).toEqual(sent.include);
  });
});

describe('a request in another dialect', () => {
  it('tells a model that does not think nothing of thinking', () => {
    const asked = build({ reasoning: { budgetTokens: 4_000, summary: 'auto' } }, known({ reasoning: false }));
    expect(asked.body).not.toHaveProperty('reasoning');
    expect(asked.warnings).toEqual([expect.stringContaining('does not reason')]);
    expect(build({ reasoning: { effort: 'none' } }, known({ reasoning: false })).warnings).toEqual([]);
    expect(build({ reasoning: { effort: 'low' } }).body.reasoning).toEqual({ effort: 'low' });
  });

  it('asks a model that thinks for what it can be given back, and one that cannot stream for all at once', () => {
    const { body } = build({ stream: true }, known({ streaming: false }));
    expect(body).toMatchObject({ include: ['reasoning.encrypted_content'], stream: false, store: false });
    expect(build({}, known({ reasoning: false })).body).not.toHaveProperty('include');
    expect(build({ reasoning: { effort: 'none' } }).body).not.toHaveProperty('include');
  });

  it('gives back the thoughts that are its own, in their place and without an id', () => {
    const thought = (signedBy: 'openai' | 'anthropic', model?: string): ChatMessage => ({
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Hm.', signature: 'gAAA', signedBy, ...(model !== undefined && { model }) },
        { type: 'text', text: 'One' },
        { type: 'text', text: ' two' },
        { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{}' },
      ],
    });
    const reasoning = {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'Hm.' }],
      encrypted_content: 'gAAA',
    };
    const rest = [
      {
        type: 'message',
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'One' },
          { type: 'output_text', text: ' two' },
        ],
      },
      { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
    ];
    const inputOf = (message: ChatMessage, more: Partial<Known> = {}): unknown =>
      build({ messages: [message] }, more).body.input;
    expect(inputOf(thought('openai'))).toEqual([reasoning, ...rest]);
    expect(inputOf(thought('openai', 'o3-pro-2025-06-10'))).toEqual([reasoning, ...rest]);
    expect(inputOf(thought('openai', 'gpt-5-codex'))).toEqual(rest);
    expect(inputOf(thought('openai', 'gpt-5-codex'), { isNamed: false })).toEqual([reasoning, ...rest]);
    expect(inputOf(thought('anthropic'))).toEqual(rest);
  });

  it('takes along what chat has in the same words, and names the rest', () => {
    const body = { metadata: { a: 'b' }, service_tier: 'flex', verbosity: 'low', prediction: {} };
    const extraParameters = ['metadata', 'service_tier', 'verbosity', 'prediction'];
    const built = build({ source: { dialect: 'openai-chat', body }, extraParameters });
    expect(built.body).toMatchObject({ metadata: { a: 'b' }, service_tier: 'flex', text: { verbosity: 'low' } });
    expect(built.warnings).toEqual(["The parameter `prediction` was dropped: OpenAI's Responses have none like it."]);
  });

  it('knows files by their ids, their addresses and their content', () => {
    const files = [
      { kind: 'id' as const, fileId: 'file-1' },
      { kind: 'id' as const, fileId: 'https://example.org/a.pdf' },
      { kind: 'base64' as const, mediaType: 'application/pdf', data: 'JVBERi0=' },
    ];
    const content = files.map((source) => ({ type: 'file' as const, source }));
    expect(build({ messages: [{ role: 'user', content }] }).body.input).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_file', file_id: 'file-1' },
          { type: 'input_file', file_url: 'https://example.org/a.pdf' },
          { type: 'input_file', filename: 'file.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
        ],
      },
    ]);
  });

  it('a message of which nothing can be carried is left out', () => {
    const content = [{ type: 'audio' as const, data: 'AAAA', format: 'wav' }];
    const { body, warnings } = build({ messages: [{ role: 'user', content, name: 'Ann' }] });
    expect(body.input).toEqual([]);
    expect(warnings).toHaveLength(2);
  });
});
