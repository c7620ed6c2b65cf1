import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import { buildGenerateBody } from './build-generate-body.js';

function build(
  request: Partial<ChatRequest>,
  model = 'gemini-2.5-flash',
  maxOutputTokens: number | null = null,
): { body: JsonObject; config: JsonObject; warnings: string[] } {
  const warnings: string[] = [];
  const hello = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }];
  const whole = { model: 'alias', messages: hello, stream: false, ...request };
  const destination = { maxOutputTokens, isVertex: false, warn: (message: string) => warnings.push(message) };
  const body = JSON.parse(JSON.stringify(buildGenerateBody(model, whole, destination))) as JsonObject;
  return { body, config: body.generationConfig as JsonObject, warnings };
}

const TOOL = {
  name: 'f',
  description: 'Does f',
  parameters: { type: 'object', properties: { a: { $ref: '#/$defs/A' } } },
};
const SCHEMA = { type: 'object', properties: { a: { type: ['string', 'null'] } }, additionalProperties: false };
const FORMAT = { type: 'json-schema', name: 's', schema: SCHEMA } as const;

describe(buildGenerateBody.name, () => {
  it('sends what it must and nothing else', () => {
    expect(build({ user: undefined })).toEqual({
      body: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }], generationConfig: {} },
      config: {},
      warnings: [],
    });
  });

  it('translates the parameters', () => {
    const { config, warnings } = build({
      maxOutputTokens: 100,
      temperature: 1.7,
      topP: 0.9,
      topK: 5,
      seed: 7,
      presencePenalty: 0.5,
      frequencyPenalty: -0.5,
      choices: 3,
      stop: ['END', ''],
      logprobs: true,
      topLogprobs: 4,
    });
    expect(config).toEqual({
      maxOutputTokens: 100,
      temperature: 1.7,
      topP: 0.9,
      topK: 5,
      seed: 7,
      presencePenalty: 0.5,
      frequencyPenalty: -0.5,
      candidateCount: 3,
      stopSequences: ['END'],
      responseLogprobs: true,
      logprobs: 4,
    });
    expect(warnings).toEqual([]);
  });

  it.each<[string, Partial<ChatRequest>, RegExp]>([
    ['user', { user: 'u' }, /`user`/],
    ['logit_bias', { logitBias: { 1: 2 } }, /`logit_bias`/],
    ['parameters of another dialect', { extraParameters: ['verbosity'] }, /`verbosity`/],
    ['one call at a time', { tools: [TOOL], parallelToolCalls: false }, /parallel_tool_calls/],
    ['strict functions', { tools: [{ ...TOOL, strict: true }] }, /strict/],
    ['a sixth stop sequence', { stop: ['1', '2', '3', '4', '5', '6'] }, /first 5/],
    ['names', { messages: [{ role: 'user', name: 'Ann', content: [{ type: 'text', text: 'Hi' }] }] }, /`name`/],
  ])('says that it lost %s', (_what, request, warning) => {
    expect(build(request).warnings).toEqual([expect.stringMatching(warning)]);
  });

  it.each<[string, Partial<ChatRequest>, RegExp]>([
    ['gemini-3.5-flash-lite', { presencePenalty: 1 }, /penalties/],
    ['gemini-2.0-flash', { reasoning: { effort: 'low' } }, /does not think/],
    ['gemini-3.5-flash-lite', { temperature: 0 }, /sampling/],
    ['gemini-3.8-flash', { topP: 0.5, topK: 3 }, /sampling/],
    ['gemini-flash-latest', { temperature: 1 }, /sampling/],
  ])('says what %s does not take of %j', (model, request, warning) => {
    expect(build(request, model)).toMatchObject({ config: {}, warnings: [expect.stringMatching(warning)] });
  });

  it('asks for no number of answers where one is wanted, which newer models refuse', () => {
    expect(build({ choices: 1 }).config).toEqual({});
  });

  it.each([
    ['gemini-3.5-flash', 2],
    ['gemini-3.5-flash-lite', 3],
    ['gemini-3.6-flash', 3],
    ['gemini-3.1-pro-preview', 2],
  ])('sends %s a begun answer as %i turns', (model, turns) => {
    const text = (words: string) => [{ type: 'text' as const, text: words }];
    const messages = [
      { role: 'user' as const, content: text('Count.') },
      { role: 'assistant' as const, content: text('One,') },
    ];
    expect(build({ messages }, model).body.contents).toHaveLength(turns);
  });

  it('limits the output to what the model writes', () => {
    expect(build({ maxOutputTokens: 90_000 }, undefined, 65_536)).toMatchObject({
      config: { maxOutputTokens: 65_536 },
      warnings: [expect.stringContaining('65536')],
    });
    expect(build({}, undefined, 65_536).config).toEqual({});
  });

  it.each([
    [undefined, undefined],
    [{ type: 'auto' }, { mode: 'AUTO' }],
    [{ type: 'none' }, { mode: 'NONE' }],
    [{ type: 'required' }, { mode: 'ANY' }],
    [
      { type: 'tool', name: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
  ] as const)('offers functions whole, with the choice %j', (toolChoice, functionCallingConfig) => {
    const { body } = build({ tools: [TOOL, { name: 'g' }], toolChoice });
    expect(body.tools).toEqual([
      {
        functionDeclarations: [
          { name: 'f', description: 'Does f', parametersJsonSchema: TOOL.parameters },
          { name: 'g' },
        ],
      },
    ]);
    expect(body.toolConfig).toEqual(functionCallingConfig && { functionCallingConfig });
  });

  it('enforces a form of the answer', () => {
    expect(build({ responseFormat: { type: 'text' } }).config).toEqual({});
    expect(build({ responseFormat: { type: 'json-object' } }).config).toEqual({ responseMimeType: 'application/json' });
    expect(build({ responseFormat: { ...FORMAT, description: 'An a' } }).config).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: { description: 'An a', ...SCHEMA },
    });
  });

  it('enforces the form for newer models beside functions', () => {
    const young = build({ tools: [TOOL], responseFormat: FORMAT }, 'gemini-3-flash-preview');
    expect(young).toMatchObject({ config: { responseJsonSchema: SCHEMA }, warnings: [] });
  });

  it.each<[string, ChatRequest['reasoning'], JsonObject | undefined, number]>([
    ['gemini-2.5-flash', { effort: 'low' }, { thinkingBudget: 1024, includeThoughts: true }, 0],
    ['gemini-2.5-flash', { effort: 'xhigh' }, { thinkingBudget: 24_576, includeThoughts: true }, 0],
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }, 0],
    ['gemini-2.5-flash', { budgetTokens: 4000, effort: 'high' }, { thinkingBudget: 4000, includeThoughts: true }, 0],
    ['gemini-2.5-flash-lite', { budgetTokens: 100 }, { thinkingBudget: 512, includeThoughts: true }, 0],
    ['gemini-2.5-pro', { effort: 'none' }, { thinkingBudget: 128 }, 1],
    ['gemini-2.5-pro', { effort: 'xhigh' }, { thinkingBudget: 32_768, includeThoughts: true }, 0],
    ['gemini-2.0-flash', { effort: 'none' }, undefined, 0],
    ['gemini-3-pro-preview', { effort: 'minimal' }, { thinkingLevel: 'LOW', includeThoughts: true }, 0],
    ['gemini-3-pro-preview', { effort: 'medium' }, { thinkingLevel: 'HIGH', includeThoughts: true }, 0],
    ['gemini-3.1-pro-preview', { effort: 'medium' }, { thinkingLevel: 'MEDIUM', includeThoughts: true }, 0],
    ['gemini-3-flash-preview', { effort: 'minimal' }, { thinkingLevel: 'MINIMAL', includeThoughts: true }, 0],
    ['gemini-3-flash-preview', { effort: 'none' }, { thinkingLevel: 'MINIMAL' }, 1],
    ['gemini-3.5-flash', { budgetTokens: 9000 }, { thinkingLevel: 'HIGH', includeThoughts: true }, 1],
    ['gemini-3.6-flash', { effort: 'minimal' }, { thinkingLevel: 'MINIMAL', includeThoughts: true }, 0],
    ['gemini-3.8-flash', { effort: 'minimal' }, { thinkingLevel: 'LOW', includeThoughts: true }, 0],
    ['gemini-3.7-flash', { effort: 'none' }, { thinkingLevel: 'LOW' }, 1],
    ['gemini-flash-latest', { effort: 'xhigh' }, { thinkingLevel: 'HIGH', includeThoughts: true }, 0],
    ['tuned-by-us', { effort: 'xhigh' }, { thinkingBudget: 32_768, includeThoughts: true }, 0],
    ['gemini-2.5-flash', {}, { includeThoughts: true }, 0],
  ])('tells %s to think %j', (model, reasoning, thinkingConfig, warnings) => {
    const built = build({ reasoning }, model);
    expect(built.config.thinkingConfig).toEqual(thinkingConfig);
    expect(built.warnings).toHaveLength(warnings);
  });

  it.each([
    [['low', 'low'], 'MEDIA_RESOLUTION_LOW', 0],
    [['high'], 'MEDIA_RESOLUTION_HIGH', 0],
    [['auto', undefined], undefined, 0],
    [['low', 'high'], undefined, 1],
    [['low', 'auto'], undefined, 1],
  ] as const)('reads images with the details %j at %s', (details, mediaResolution, warnings) => {
    const source = { kind: 'base64', mediaType: 'image/png', data: 'aGk=' } as const;
    const content = details.map((detail) => ({ type: 'image' as const, source, detail }));
    const built = build({ messages: [{ role: 'user', content }] });
    expect(built.config.mediaResolution).toBe(mediaResolution);
    expect(built.warnings).toHaveLength(warnings);
  });
});
