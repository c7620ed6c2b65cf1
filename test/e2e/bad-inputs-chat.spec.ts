import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { calls, completion, nested, result, tool } from '../support/chat-bodies.js';
import { Canary } from '../support/canary.js';
import { Gauntlet } from '../support/gauntlet.js';
import { readNaughtyStrings } from '../support/input-corpus.js';

const COMPLETIONS = '/v1/chat/completions';
const HI = { role: 'user', content: 'Hi' };
const NATIVE_BODIES = {
  '/v1/chat': { message: 'Hi' },
  '/v1/extract': { input: 'Hi', schema: { type: 'object' } },
  '/v1/conversations': {},
};

describe('bad inputs: chat and embeddings', () => {
  let gauntlet: Gauntlet;
  const canary = new Canary();

  beforeAll(async () => {
    gauntlet = await Gauntlet.start();
    await canary.start();
  });

  beforeEach(() => {
    gauntlet.openAi.reset();
  });

  afterEach(() => {
    expect([canary.visits, ({} as { polluted?: unknown }).polluted]).toEqual([0, undefined]);
  });

  afterAll(async () => {
    canary.stop();
    await gauntlet.close();
  });

  const refuses = (
    path: string,
    body: object | string,
    code: string | string[],
    status = 400,
    param?: string,
  ): Promise<void> => gauntlet.refuses(path, body, { code, status, param });

  it.each<[string, unknown, number, string]>([
    ['no model', undefined, 400, 'missing_required_parameter'],
    ['an empty one', '', 400, 'missing_required_parameter'],
    ['a number', 1, 400, 'invalid_type'],
    ['a list', ['gpt-4o'], 400, 'invalid_type'],
    ['an object', {}, 400, 'invalid_type'],
    ['300 characters', 'm'.repeat(300), 404, 'model_not_found'],
    ...[
      'nope',
      'gpt\r\nX-Evil: 1',
      '../../admin',
      'a/b?c#d',
      '\u202e',
      '\u{1f600}',
      '__proto__',
      'constructor',
      'GPT-4o',
    ].map((name): [string, unknown, number, string] => [JSON.stringify(name), name, 404, 'model_not_found']),
    ...['openai/gpt-4o ', 'openai/a\r\nX: 1', 'openai/', '/gpt-4o', 'openai/\u202egpt', ' '].map(
      (name): [string, unknown, number, string] => [JSON.stringify(name), name, 404, 'model_not_found'],
    ),
  ])('C01 C02 refuses for a model %s', async (_name, model, status, code) => {
    await refuses(COMPLETIONS, completion({ model }), code, status, 'model');
    const isDefault = model === undefined || model === '';
    if (!isDefault) await refuses('/v1/chat', { model, message: 'Hi' }, code, status, 'model');
    if (model !== undefined) await refuses('/v1/embeddings', { model, input: 'Hi' }, code, status, 'model');
  });

  it.each<[string, unknown, string]>([
    ['none', undefined, 'missing_required_parameter'],
    ['an empty list', [], 'invalid_value'],
    ['an object', {}, 'invalid_type'],
    ['a text', 'x', 'invalid_type'],
    ['null in a list', [null], 'invalid_type'],
    ['a list in a list', [[]], 'invalid_type'],
    ['100,000', Array(100_000).fill(HI), 'array_too_long'],
    ['no role', [{ content: 'a' }], 'missing_required_parameter'],
    ['an unknown role', [{ role: 'robot', content: 'a' }], 'invalid_value'],
    ['the role __proto__', [{ role: '__proto__', content: 'a' }], 'invalid_value'],
    ['the role toString', [{ role: 'toString', content: 'a' }], 'invalid_value'],
    ['no content', [{ role: 'user' }], 'missing_required_parameter'],
    ['null for content', [{ role: 'user', content: null }], 'invalid_type'],
    ['a number for content', [{ role: 'user', content: 1 }], 'invalid_type'],
    ['lists in content', [{ role: 'user', content: [[]] }], 'invalid_type'],
    ['an unknown part', [{ role: 'user', content: [{ type: 'constructor' }] }], 'invalid_value'],
    [
      '1,000 images',
      [{ role: 'user', content: Array(1_000).fill(imagePart('data:image/png;base64,AAAA')) }],
      'array_too_long',
    ],
    ['a file URL', [{ role: 'user', content: [imagePart('file:///etc/passwd')] }], 'url_scheme_not_allowed'],
    [
      'a data URL of no image',
      [{ role: 'user', content: [imagePart('data:text/html;base64,AAAA')] }],
      'invalid_data_url',
    ],
    ['a result before its call', [HI, result('a'), calls('a')], 'invalid_tool_sequence'],
    ['a result for another call', [HI, calls('a'), result('b')], 'invalid_tool_sequence'],
    ['two results for a call', [HI, calls('a'), result('a'), result('a')], 'invalid_tool_sequence'],
    ['a call without its result', [HI, calls('a', 'b'), result('a'), HI], 'invalid_tool_sequence'],
  ])('C03 C04 C06 C18 refuses for messages %s', async (_name, messages, code) => {
    await refuses(COMPLETIONS, completion({ messages }), code);
    await refuses('/v1/chat', { model: 'openai/gpt-4o', messages }, code);
  });

  it.each(['messages', 'tools', 'metadata', 'response_format', 'x', 'stop'])(
    'C05 refuses 40,000 levels in %s',
    async (name) => {
      const text = JSON.stringify(completion()).replace(/}$/, `,"${name}":${nested(40_000)}}`);
      for (const path of [COMPLETIONS, '/v1/chat', '/v1/embeddings', '/v1/index', '/v1/extract', '/v1/conversations']) {
        await refuses(path, text, 'nesting_too_deep');
      }
    },
  );

  it('C06 takes ten megabytes in a text, and 60,000 keys where they mean nothing', async () => {
    const long = { model: 'local/extractive', message: 'long '.repeat(2_000_000) };
    await refuses('/v1/chat', long, 'request_too_large', 413);
    expect([200, 400]).toContain((await gauntlet.send('/v1/chat', { ...long, store: false })).status);
    const keys = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${String(index)}`, index]));
    await refuses('/v1/chat', { message: 'Hi', ...keys }, 'unknown_parameter');
    await refuses(COMPLETIONS, completion({ metadata: keys }), 'invalid_metadata');
    await refuses(COMPLETIONS, completion({ logit_bias: keys }), 'invalid_value');
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 400_000 }, (_, index) => [index, 1])));
    const dear = JSON.stringify(completion()).replace(/}$/, `,"logit_bias":${many}}`);
    await refuses(COMPLETIONS, dear, 'request_too_large', 413);
    await refuses('/v1/collections', { name: 'a', ...keys }, 'invalid_value');
    await refuses('/v1/collections', { name: 'a', metadata: keys }, 'invalid_value');
  });

  it('C07 takes the last of two keys, for everything', async () => {
    const text = `{"model":"nope","messages":[{"role":"user","content":"Hi"}],"model":"openai/gpt-4o"}`;
    expect((await gauntlet.send(COMPLETIONS, text)).headers.get('x-trunkline-model')).toBe('openai/gpt-4o');
    expect(gauntlet.openAi.requests[0]?.body.model).toBe('gpt-4o');
    gauntlet.openAi.reset();
    await refuses(
      COMPLETIONS,
      text.replace('nope', 'openai/gpt-4o').replace(/openai\/gpt-4o"}$/, 'nope"}'),
      'model_not_found',
      404,
    );
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then'])(
    'C08 takes the key %s for a key',
    async (name) => {
      const evil = `"${name}":{"polluted":true}`;
      await refuses('/v1/chat', `{"message":"Hi",${evil}}`, 'unknown_parameter');
      for (const path of [
        '/v1/search',
        '/v1/query',
        '/v1/index',
        '/v1/collections',
        '/v1/extract',
        '/v1/conversations',
      ]) {
        await refuses(path, `{"query":"lines",${evil}}`, ['unknown_parameter', 'missing_required_parameter']);
      }
      await refuses(
        COMPLETIONS,
        JSON.stringify(completion()).replace('{', `{"logit_bias":{${evil}},`),
        'invalid_value',
      );
      await refuses(
        COMPLETIONS,
        JSON.stringify(completion()).replace('{', `{"metadata":{${evil}},`),
        'invalid_metadata',
      );
      const schema = `{"type":"object","properties":{${evil.replace('true', '{}')}}}`;
      const text = JSON.stringify(completion({ tools: [tool('look', 'SCHEMA')] })).replace('"SCHEMA"', schema);
      const taken = await gauntlet.send(COMPLETIONS, text.replace(/}$/, `,${evil}}`));
      expect([taken.status, gauntlet.openAi.requests[0]?.bodyText.includes(evil)]).toEqual([200, true]);
    },
  );

  it.each([
    ['NUL', '\\u0000', 'invalid_character'],
    ['half a pair', '\\ud83d', 'invalid_unicode'],
    ['the other half', 'a\\ude00b', 'invalid_unicode'],
  ])('C09 C10 E05 refuses %s everywhere', async (_name, text, code) => {
    const places = [
      '"user":"X"',
      '"metadata":{"a":"X"}',
      '"metadata":{"X":"a"}',
      '"tools":[{"X":1}]',
      '"model":"X"',
      '"input":"X"',
    ];
    for (const place of [...places, '"messages":[{"role":"user","content":"X"}]', '"title":"X"', '"query":"X"']) {
      for (const path of [COMPLETIONS, '/v1/chat', '/v1/embeddings', '/v1/index', '/v1/extract', '/v1/conversations']) {
        await refuses(path, `{${place.replace('X', text)}}`, code);
      }
    }
  });

  it('C11 passes odd texts on as they are', async () => {
    gauntlet.openAi.reply((request) => ({ pieces: [contentOf(request.body)] })).forever();
    const odd = [
      '\u0001\u001b[31m\u007f',
      '\u202eabc\u2066',
      '\u200b\ufeff',
      'a' + '\u0301'.repeat(500_000),
      ...readNaughtyStrings(),
    ];
    for (const text of odd.filter((candidate) => !candidate.includes('\0') && candidate.isWellFormed())) {
      const whole = await gauntlet.send(COMPLETIONS, completion({ messages: [{ role: 'user', content: text }] }));
      const body = (await whole.json()) as { choices?: { message: { content: string } }[] };
      expect([text.slice(0, 40), whole.status]).toEqual([text.slice(0, 40), 200]);
      expect(body.choices?.[0]?.message.content === text).toBe(true);
    }
  });

  it.each<[string, unknown]>([
    ...[-1, 3, '0.7', true].map((value): [string, unknown] => ['temperature', value]),
    ...[-0.1, 2, '1'].map((value): [string, unknown] => ['top_p', value]),
    ...[0, 129, 1.5, '1', 2 ** 53 + 2].map((value): [string, unknown] => ['n', value]),
    ...[0, -1, 1e12, 2 ** 53 + 2, 1.5, '10'].map((value): [string, unknown] => ['max_tokens', value]),
    ...[0, -1, 1e12].map((value): [string, unknown] => ['max_completion_tokens', value]),
    ...[Array(5).fill('a'), '', 'a'.repeat(1_000_000), [1], [], {}].map((value): [string, unknown] => ['stop', value]),
    ...[{ abc: 1 }, { 1: 'x' }, { 1: 101 }, [], { __proto__x: 1 }].map((value): [string, unknown] => [
      'logit_bias',
      value,
    ]),
    ...['yes', 1, {}].map((value): [string, unknown] => ['stream', value]),
    ...[{ include_usage: true }, 'x'].map((value): [string, unknown] => ['stream_options', value]),
    ...['x', 1].map((value): [string, unknown] => ['parallel_tool_calls', value]),
    ...['x', 1, { type: 'function', function: { name: 'absent' } }, 'required', {}].map((value): [string, unknown] => [
      'tool_choice',
      value,
    ]),
    ...[-1, 21, 1.5].map((value): [string, unknown] => ['top_logprobs', value]),
    ...['x', 3, -3].map((value): [string, unknown] => ['presence_penalty', value]),
    ...['huge', 1].map((value): [string, unknown] => ['reasoning_effort', value]),
  ])('C12 C14 C20 refuses %s of the value %.60j', async (name, value) => {
    const response = await gauntlet.send(COMPLETIONS, completion({ [name]: value }));
    const codes = ['invalid_value', 'invalid_type', 'missing_required_parameter'];
    const { param } = await gauntlet.expectRefusal(response, { status: 400, code: codes });
    expect(param?.startsWith(name)).toBe(true);
    if (name === 'temperature' || name === 'max_tokens')
      await refuses('/v1/chat', { message: 'Hi', [name]: value }, codes, 400, name);
  });

  it.each(['1e999', '-1e999', 'NaN', 'Infinity', '01', '.5'])('C12 refuses the number %s', async (number) => {
    for (const name of ['temperature', 'top_p', 'seed', 'max_tokens', 'n']) {
      const text = JSON.stringify(completion()).replace(/}$/, `,"${name}":${number}}`);
      await refuses(COMPLETIONS, text, ['invalid_json', 'invalid_value']);
    }
  });

  it('C15 C27 passes unknown fields to the same dialect, refuses them natively, and obeys none', async () => {
    const smuggled = {
      base_url: canary.url,
      api_key: 'sk-mine',
      extra_headers: { 'X-Evil': '1' },
      url: canary.url,
      proxy: canary.url,
    };
    const taken = await gauntlet.send(COMPLETIONS, completion(smuggled));
    expect([taken.status, gauntlet.openAi.requests[0]?.headers['x-evil']]).toEqual([200, undefined]);
    expect(gauntlet.openAi.requests[0]?.headers.authorization).toBe('Bearer sk-fake-canary');
    gauntlet.openAi.reset();
    for (const field of Object.keys(smuggled))
      for (const [path, body] of Object.entries(NATIVE_BODIES))
        await refuses(path, { ...body, [field]: canary.url }, 'unknown_parameter', 400, field);
  });
});

function imagePart(url: string): object {
  return { type: 'image_url', image_url: { url } };
}

function contentOf(body: Record<string, unknown>): string {
  return (body.messages as { content: string }[])[0]?.content ?? '';
}
