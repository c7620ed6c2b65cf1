import { describe, expect, it } from '@jest/globals';
import type { AssistantPart, ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import { buildMessagesBody } from './build-messages-body.js';

function build(
  request: Partial<ChatRequest>,
  model = 'claude-sonnet-4-5',
  maxOutputTokens: number | null = null,
): { body: JsonObject; warnings: string[] } {
  const warnings: string[] = [];
  const hello = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }];
  const whole = { model: 'alias', messages: hello, stream: false, ...request };
  const body = buildMessagesBody(model, whole, { maxOutputTokens, warn: (message) => warnings.push(message) });
  return { body: JSON.parse(JSON.stringify(body)) as JsonObject, warnings };
}

const MINIMAL = {
  model: 'claude-sonnet-4-5',
  max_tokens: 4096,
  stream: false,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
};

describe(buildMessagesBody.name, () => {
  it('sends what it must and nothing else', () => {
    expect(build({})).toEqual({ body: MINIMAL, warnings: [] });
  });

  it.each([
    ['as long as the model can, when the client does not say', {}, 64_000, 0],
    ["the client's own limit", { maxOutputTokens: 500 }, 500, 0],
    ["the model's limit in place of a higher one", { maxOutputTokens: 100_000 }, 64_000, 1],
    ['no more with thinking', { reasoning: { budgetTokens: 10_000 } }, 64_000, 0],
  ])('limits the output: %s', (_what, request, maxTokens, warnings) => {
    const built = build(request, 'claude-sonnet-4-5', 64_000);
    expect(built.body.max_tokens).toBe(maxTokens);
    expect(built.warnings).toHaveLength(warnings);
  });

  it('leaves room for an answer beside the thinking', () => {
    const { body } = build({ maxOutputTokens: 8000, reasoning: { effort: 'high' } }, 'claude-sonnet-4-5', 8192);
    expect(body).toMatchObject({ max_tokens: 8192, thinking: { type: 'enabled', budget_tokens: 4096 } });
  });

  it('sends a body of its own dialect on, with the owned fields replaced', () => {
    const body = { model: 'alias', max_tokens: 5, messages: [], container: 'c', thinking: { type: 'adaptive' } };
    expect(build({ stream: true, source: { dialect: 'anthropic-messages', body } }).body).toEqual({
      ...body,
      model: 'claude-sonnet-4-5',
      stream: true,
    });
  });

  it('translates the parameters', () => {
    const { body, warnings } = build({
      maxOutputTokens: 100,
      temperature: 1.7,
      topK: 5,
      stop: ['END'],
      user: 'u1',
      tools: [
        { name: 'f', description: 'd', parameters: { type: 'object', properties: {} }, strict: true },
        { name: 'g' },
      ],
      toolChoice: { type: 'required' },
      parallelToolCalls: false,
    });
    expect(body).toEqual({
      ...MINIMAL,
      max_tokens: 100,
      temperature: 1,
      top_k: 5,
      stop_sequences: ['END'],
      metadata: { user_id: 'u1' },
      tools: [
        {
          name: 'f',
          description: 'd',
          input_schema: { type: 'object', properties: {}, additionalProperties: false },
          strict: true,
        },
        { name: 'g', input_schema: { type: 'object' } },
      ],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    });
    expect(warnings).toEqual(['The temperature was lowered to 1, the highest.']);
  });

  it.each<[string, string, ChatRequest['reasoning'], JsonObject]>([
    [
      'a budget',
      'claude-sonnet-4-5',
      { budgetTokens: 5000 },
      { max_tokens: 9096, thinking: { type: 'enabled', budget_tokens: 5000 } },
    ],
    [
      'a budget below the least',
      'claude-sonnet-4-5',
      { budgetTokens: 10 },
      { max_tokens: 5120, thinking: { type: 'enabled', budget_tokens: 1024 } },
    ],
    [
      'an effort on an older model',
      'claude-sonnet-4-5',
      { effort: 'medium' },
      { max_tokens: 12_288, thinking: { type: 'enabled', budget_tokens: 8192 } },
    ],
    [
      'an effort',
      'claude-opus-4-7',
      { effort: 'xhigh' },
      { max_tokens: 4096, thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'xhigh' } },
    ],
    [
      'an effort the model does not know',
      'claude-opus-4-6',
      { effort: 'xhigh' },
      { output_config: { effort: 'high' } },
    ],
    [
      'a budget on a model that takes none',
      'claude-opus-4-7',
      { budgetTokens: 5000 },
      { max_tokens: 4096, output_config: { effort: 'medium' } },
    ],
  ])('reasons with %s', (_what, model, reasoning, expected) => {
    expect(build({ reasoning }, model).body).toMatchObject(expected);
  });

  it('does not reason when told so, or when a tool is forced', () => {
    expect(build({ reasoning: { effort: 'none' } }).body).toEqual(MINIMAL);
    const forced = build({
      reasoning: { effort: 'low' },
      tools: [{ name: 'f' }],
      toolChoice: { type: 'tool', name: 'f' },
    });
    expect(forced.body).toMatchObject({ max_tokens: 4096, tool_choice: { type: 'tool', name: 'f' } });
    expect(forced.body.thinking).toBeUndefined();
    expect(forced.warnings).toHaveLength(1);
  });

  it('drops the sampling that a model does not take', () => {
    expect(build({ temperature: 0.5, topP: 0.9 })).toMatchObject({
      body: { temperature: 0.5 },
      warnings: [expect.any(String)],
    });
    expect(build({ temperature: 0.5, topP: 0.9 }, 'claude-3-5-haiku-latest').body).toMatchObject({
      temperature: 0.5,
      top_p: 0.9,
    });
    for (const { body, warnings } of [
      build({ temperature: 0.5 }, 'claude-opus-5'),
      build({ temperature: 0.5, reasoning: { effort: 'low' } }),
    ]) {
      expect(body.temperature).toBeUndefined();
      expect(warnings).toHaveLength(1);
    }
  });

  it('has a schema enforced', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
    const enforced = build({ responseFormat: { type: 'json-schema', name: 's', schema } });
    expect(enforced.body.output_config).toEqual({
      format: { type: 'json_schema', schema: { ...schema, additionalProperties: false } },
    });
    expect(enforced.warnings).toEqual([]);
  });

  it('leaves out stop sequences that are refused, and says so', () => {
    const { body, warnings } = build({ stop: ['\n\n'] });
    expect(body).toEqual(MINIMAL);
    expect(warnings).toEqual([expect.stringContaining('stop sequence')]);
  });

  it.each<[string, string, AssistantPart[], boolean]>([
    ['an older model, the thinking gone', 'claude-sonnet-4-5', [], false],
    [
      'an older model, the thinking kept',
      'claude-sonnet-4-5',
      [{ type: 'reasoning', text: 'h', signature: 's', signedBy: 'anthropic' }],
      true,
    ],
    ['a model that decides for itself', 'claude-opus-4-7', [], true],
  ])('thinks on after a tool call where the API lets it: %s', (_name, model, thoughts, thinks) => {
    const call: AssistantPart = { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' };
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: [...thoughts, call] },
      { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: '1' }] },
    ];
    const { body, warnings } = build({ messages, reasoning: { effort: 'low' } }, model);
    expect(body.thinking !== undefined).toBe(thinks);
    expect(warnings).toHaveLength(thinks ? 0 : 1);
    const goneOn: ChatRequest['messages'] = [
      ...messages,
      { role: 'assistant', content: [{ type: 'text', text: 'one' }] },
      { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
    ];
    expect(build({ messages: goneOn, reasoning: { effort: 'low' } }, model).body.thinking).toBeDefined();
  });

  it('declares the functions of an earlier conversation, not to be called', () => {
    const call: AssistantPart = { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' };
    const { body, warnings } = build({
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
        { role: 'assistant', content: [call, { ...call, id: 'b' }] },
        { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: '1' }] },
        { role: 'tool', toolCallId: 'b', content: [{ type: 'text', text: '2' }] },
      ],
    });
    expect(body.tools).toEqual([{ name: 'f', description: expect.any(String), input_schema: { type: 'object' } }]);
    expect(body.tool_choice).toEqual({ type: 'none' });
    expect(warnings).toEqual([]);
  });

  it('leaves out of a tool what the API refuses, and says so', () => {
    const alternatives = { anyOf: [{ required: ['a'] }], properties: { a: { type: 'string' } } };
    const { body, warnings } = build({ tools: [{ name: 'f', parameters: alternatives }] });
    expect(body.tools).toEqual([{ name: 'f', input_schema: { type: 'object', properties: alternatives.properties } }]);
    expect(warnings).toEqual([expect.stringContaining('`f`')]);
    const older = build({ tools: [{ name: 'f', parameters: {}, strict: true }] }, 'claude-3-5-haiku-latest');
    expect(older.body.tools).toEqual([{ name: 'f', input_schema: { type: 'object' } }]);
    expect(older.warnings).toHaveLength(1);
  });

  it('drops what a model does anyway without a word', () => {
    expect(build({ temperature: 1, topP: 1 }, 'claude-opus-5')).toEqual({
      body: { ...MINIMAL, model: 'claude-opus-5' },
      warnings: [],
    });
    expect(build({ topP: 0.97, reasoning: { effort: 'low' } })).toMatchObject({ body: { top_p: 0.97 }, warnings: [] });
  });

  it('drops a user that is too long', () => {
    expect(build({ user: 'u'.repeat(257) })).toEqual({ body: MINIMAL, warnings: [expect.stringContaining('user')] });
  });

  it('warns of every parameter it cannot carry, and of none that changes nothing', () => {
    const lost = {
      seed: 1,
      presencePenalty: 1,
      frequencyPenalty: 1,
      logprobs: true,
      topLogprobs: 2,
      logitBias: {},
      extraParameters: ['x'],
    };
    expect(build(lost).warnings).toHaveLength(7);
    expect(build({ choices: 1, presencePenalty: 0, frequencyPenalty: 0, logprobs: false }).warnings).toEqual([]);
  });
});
