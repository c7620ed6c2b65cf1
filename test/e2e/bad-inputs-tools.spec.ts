import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { completion, tool } from '../support/chat-bodies.js';
import { Canary } from '../support/canary.js';
import { Gauntlet } from '../support/gauntlet.js';
import { readSse } from '../support/read-sse.js';

const COMPLETIONS = '/v1/chat/completions';

describe('bad inputs: tools, embeddings and documents', () => {
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

  const keyWith = async (amountUsd: number): Promise<string> => {
    const budgets = [{ window: 'total', amount_usd: amountUsd }];
    const made = await gauntlet.app.post('/admin/keys', { name: 'bounded', budgets });
    return ((await made.json()) as { key: string }).key;
  };

  it.each<[string, unknown[], string[]]>([
    ['a name with blanks', [tool('a b')], ['invalid_value']],
    ['a name of 65 characters', [tool('a'.repeat(65))], ['invalid_value']],
    ['a path for a name', [tool('../a')], ['invalid_value']],
    ['no name', [tool(undefined)], ['missing_required_parameter']],
    ['a name twice', [tool('a'), tool('a')], ['invalid_value']],
    ...[129, 1_000].map((count): [string, unknown[], string[]] => [
      `${String(count)} tools`,
      Array.from({ length: count }, (_, index) => tool(`t${String(index)}`)),
      ['array_too_long'],
    ]),
    ['a schema that is none', [tool('a', { type: 'objekt' })], ['invalid_schema']],
    ['a list for a schema', [tool('a', [])], ['invalid_type']],
    ['properties that are none', [tool('a', { properties: { b: 1 } })], ['invalid_schema']],
    ['another type than an object', [tool('a', { type: 'string' })], ['invalid_schema']],
    [
      'a wide schema',
      [
        tool('a', {
          type: 'object',
          properties: Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`p${String(index)}`, {}])),
        }),
      ],
      ['invalid_schema'],
    ],
    [
      'a schema of five megabytes',
      [tool('a', { type: 'object', description: 'x'.repeat(5 * 1024 ** 2) })],
      ['invalid_schema'],
    ],
    [
      'the same $id twice',
      [tool('a', { type: 'object', $defs: { a: { $id: 'urn:a' }, b: { $id: 'urn:a', type: 'string' } } })],
      ['invalid_schema'],
    ],
  ])('C16 refuses tools with %s', async (_name, tools, codes) => {
    await refuses(COMPLETIONS, completion({ tools }), codes);
    await refuses('/v1/chat', { message: 'Hi', tools }, codes);
  });

  it('C16 C19 fetches no schema, and passes recursion and odd patterns on', async () => {
    for (const key of ['$ref', '$dynamicRef', '$recursiveRef', '$schema', '$id']) {
      const schema = { type: 'object', properties: { a: { [key]: canary.url } } };
      const format = { type: 'json_schema', json_schema: { name: 'a', schema } };
      for (const body of [completion({ tools: [tool('a', schema)] }), completion({ response_format: format })]) {
        const response = await gauntlet.send(COMPLETIONS, body);
        expect([key, response.status]).toEqual([key, key.toLowerCase().endsWith('ref') ? 400 : 200]);
      }
    }
    gauntlet.openAi.reset();
    const odd = {
      type: 'object',
      $defs: { a: { $ref: '#/$defs/a' } },
      properties: { b: { pattern: '(a+)+$' }, c: { $ref: '#' } },
    };
    const before = process.cpuUsage();
    expect((await gauntlet.send(COMPLETIONS, completion({ tools: [tool('a', odd)] }))).status).toBe(200);
    expect(process.cpuUsage(before).user).toBeLessThan(500_000);
  });

  it.each<[unknown, string[]]>([
    ['json', ['invalid_type']],
    [{}, ['missing_required_parameter']],
    [{ type: 'xml' }, ['invalid_value']],
    [{ type: 'json_schema' }, ['missing_required_parameter']],
    [{ type: 'json_schema', json_schema: { schema: {} } }, ['missing_required_parameter']],
    [{ type: 'json_schema', json_schema: { name: 'a b', schema: {} } }, ['invalid_value']],
    [{ type: 'json_schema', json_schema: { name: 'a', schema: { type: 1 } } }, ['invalid_schema']],
    [{ type: 'json_schema', json_schema: { name: 'a', schema: { required: [1] } } }, ['invalid_schema']],
  ])('C19 refuses the format %j', async (format, codes) => {
    await refuses(COMPLETIONS, completion({ response_format: format }), codes);
    await refuses('/v1/chat', { message: 'Hi', response_format: format }, codes);
  });

  it('C26 says that a prompt is too long, in its own words', async () => {
    gauntlet.openAi.failAs('context-length');
    const response = await gauntlet.send(COMPLETIONS, completion());
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'context_length_exceeded' } });
  });

  it('C13 lowers an output limit to what the model writes, says so, and reserves that', async () => {
    const key = await keyWith(1);
    // A million tokens would cost ten dollars.
    const response = await gauntlet.send(COMPLETIONS, completion({ max_tokens: 1_000_000 }), { key });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-trunkline-warnings')).toContain('16384 tokens');
    expect(gauntlet.openAi.requests.map(({ body }) => body.max_tokens)).toEqual([16_384]);
  });

  it('C29 reserves for all the answers that a request may have, before anybody is asked', async () => {
    const key = await keyWith(1);
    const dear = completion({ n: 128, max_tokens: 16_384 });
    const refused = await gauntlet.send(COMPLETIONS, dear, { key });
    await gauntlet.expectRefusal(refused, { status: 429, code: 'insufficient_quota' });
    expect(refused.headers.get('x-should-retry')).toBe('false');
    await gauntlet.expectUnharmed();
    const one = await gauntlet.send(COMPLETIONS, { ...dear, n: 1 }, { key });
    expect([one.status, gauntlet.openAi.requests.length]).toEqual([200, 1]);
  });

  it.each<[object]>([
    [{ user: 'u'.repeat(10_000) }],
    [{ metadata: { a: 'v'.repeat(10_000) } }],
    [{ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${String(index)}`, 'v'])) }],
    [{ metadata: { a: { b: 'c' } } }],
    [{ metadata: { ['k'.repeat(65)]: 'v' } }],
    [{ metadata: { a: 1 } }],
  ])('C28 refuses the labels %.60j', async (labels) => {
    await refuses(COMPLETIONS, completion(labels), 'invalid_metadata');
  });

  it('C30 lets no output of a model forge an event or a header', async () => {
    const evil = '\n\nevent: evil\ndata: {}\r\n\r\ndata: [DONE]\n\n</script>\u001b[31m\u2028';
    const scripted = { pieces: [evil, 'x'.repeat(1_000_000)], model: 'gpt\r\nX-Evil: 1', id: 'id\n\ndata: {}' };
    for (const [path, body] of [
      [COMPLETIONS, completion({ stream: true })],
      ['/v1/chat/stream', { message: 'Hi', model: 'openai/gpt-4o' }],
    ] as const) {
      gauntlet.openAi.reply(scripted);
      const response = await gauntlet.send(path, body);
      expect([response.status, response.headers.get('x-evil')]).toEqual([200, null]);
      const frames = await readSse(response);
      expect(frames.filter(({ event }) => event !== null)).toEqual([]);
      expect(frames.at(-1)?.data).toBe('[DONE]');
      const whole = frames
        .slice(0, -1)
        .map(({ data }) => JSON.stringify(JSON.parse(data)))
        .join('');
      expect(whole).toContain(JSON.stringify(evil).slice(1, -1));
    }
    gauntlet.openAi.reply(scripted);
    const answer = await gauntlet.send(COMPLETIONS, completion());
    expect([answer.status, answer.headers.get('x-evil')]).toEqual([200, null]);
  });

  it('leaves no provider at work for clients that vanish', async () => {
    gauntlet.openAi.stallAfter(1).forever();
    for (const path of [COMPLETIONS, '/v1/chat/stream', '/v1/chat/completions']) {
      gauntlet.openAi.requests = [];
      const leave = new AbortController();
      const body =
        path === '/v1/chat/stream' ? { message: 'Hi', model: 'openai/gpt-4o' } : completion({ stream: true });
      const response = await gauntlet.send(path, body, { signal: leave.signal });
      leave.abort();
      await expect(response.text()).rejects.toThrow();
      expect((await gauntlet.openAi.waitForClose()).isClosedByClient).toBe(true);
    }
  });

  it.each<[unknown, string[]]>([
    [undefined, ['missing_required_parameter']],
    ['', ['invalid_value']],
    [[], ['invalid_value']],
    [[''], ['invalid_value']],
    [null, ['invalid_type']],
    [{}, ['invalid_type']],
    [['a', 1], ['invalid_type']],
    [[1, 'a'], ['invalid_type']],
    [[[[1]]], ['invalid_type']],
    [[[]], ['invalid_value']],
    [Array(2_049).fill('a'), ['array_too_long']],
    ['a'.repeat(1_000_000), ['string_too_long']],
    [[-1], ['invalid_value']],
    [[1.5], ['invalid_value']],
    [[1e9], ['invalid_value']],
    [[[0, -1]], ['invalid_value']],
    [Array(32_769).fill(1), ['array_too_long']],
  ])('E01 E02 refuses the input %.40j', async (input, codes) => {
    await refuses('/v1/embeddings', { model: 'openai/text-embedding-3-small', input }, codes);
  });

  it.each<[object, string[]]>([
    [{ dimensions: 0 }, ['invalid_value']],
    [{ dimensions: -1 }, ['invalid_value']],
    [{ dimensions: 1e6 }, ['invalid_value']],
    [{ dimensions: 1.5 }, ['invalid_value']],
    [{ dimensions: '256' }, ['invalid_type']],
    [{ encoding_format: 'hex' }, ['invalid_value']],
    [{ encoding_format: 1 }, ['invalid_type']],
  ])('E03 E04 refuses %j', async (fields, codes) => {
    await refuses('/v1/embeddings', { model: 'openai/text-embedding-3-small', input: 'a', ...fields }, codes);
  });

  it.each<[unknown, string]>([
    [undefined, 'object'],
    [null, 'object'],
    ['float', 'object'],
    ['base64', 'string'],
  ])('E04 E05 answers the encoding %j, also for blanks', async (encoding, type) => {
    for (const input of ['a', ' \n\t']) {
      const body = { model: 'local/lexical-384', input, encoding_format: encoding };
      const response = await gauntlet.send('/v1/embeddings', body);
      const { data } = (await response.json()) as { data: { embedding: unknown }[] };
      expect([response.status, typeof data[0]?.embedding]).toEqual([200, type]);
    }
  });

  it.each<[object]>([
    ...[0, -1, 1e9, 'x', 1.5].map((size): [object] => [{ chunk: { size } }]),
    [{ chunk: { size: 400, overlap: 400 } }],
    [{ chunk: { size: 400, overlap: -1 } }],
    [{ chunk: [] }],
    [{ chunk: { size: 400, other: 1 } }],
    [{ metadata: [] }],
    [{ name: '../x' }],
    [{ name: 'a'.repeat(101) }],
  ])('R09 refuses the collection %.60j', async (fields) => {
    await refuses('/v1/collections', { name: 'tried', ...fields }, [
      'invalid_value',
      'invalid_type',
      'unknown_parameter',
    ]);
  });

  it.each<[object]>([
    ...[0, -1, 1e9, '5', 1.5].map((max): [object] => [{ max_results: max }]),
    [{ query: '' }],
    [{ query: 'a'.repeat(1_000_000) }],
    [{ query: ['a'] }],
    [{ mode: 'sql' }],
    [{ collection: { $ne: 1 } }],
    [{ top_k: 5 }],
    [{ threshold: 2 }],
  ])('R10 R11 refuses the search %.60j', async (fields) => {
    await refuses('/v1/search', { query: 'lines', ...fields }, ['invalid_value', 'invalid_type', 'unknown_parameter']);
  });

  it.each(['%', '_', '\\', "'", '"', '&', '|', '!', '(', ':*', '<->', '.*', '$1', '\u0301', '\u{1f600}'])(
    'R11 finds nothing worse than nothing for %s, 4,000 characters of it',
    async (piece) => {
      for (const mode of ['hybrid', 'lexical', 'dense']) {
        const before = process.cpuUsage();
        const query = piece.repeat(4_000).slice(0, 4_000);
        const response = await gauntlet.send('/v1/search', { query: query.isWellFormed() ? query : piece, mode });
        expect([mode, response.status]).toEqual([mode, 200]);
        expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
      }
    },
  );
});
