import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../src/core/json.js';
import type { ScriptedReply } from '../fakes/scripted-reply.js';
import { explosiveSchema, type SchemaCase, schemaCases } from '../support/schema-cases.js';
import { soakSeed } from '../support/soak-seed.js';
import { STRUCTURED_TARGETS, StructuredWorld } from '../support/structured-world.js';
import type { TestApp } from '../support/test-app.js';

interface Reply {
  status: number;
  body: {
    data?: JsonValue;
    valid?: boolean;
    repairs?: number;
    model?: string;
    warnings?: string[];
    usage?: JsonObject;
    cost_usd?: number;
    error?: {
      code: string;
      message: string;
      param: string | null;
      reason?: string;
      output?: string;
      usage?: JsonObject;
      details?: { path: string; message: string }[];
    };
  };
}

const SCHEMA = {
  type: 'object',
  properties: { name: { type: 'string' }, born: { type: 'integer', minimum: 1 } },
  required: ['name', 'born'],
  additionalProperties: false,
};
const ADA = { name: 'Ada', born: 1815 };
const AT_ONCE = 8;

describe('S9 /v1/extract', () => {
  const world = new StructuredWorld();
  let app: TestApp;
  let key: string;

  beforeAll(async () => {
    app = await world.start();
    key = await app.createKey();
  });

  beforeEach(() => {
    world.reset();
  });

  afterAll(async () => {
    await app.close();
    await world.stop();
  });

  const extract = async (body: object): Promise<Reply> => {
    const response = await app.post('/v1/extract', body, { key });
    return { status: response.status, body: (await response.json()) as Reply['body'] };
  };
  /** Answers with these texts, one after another, the last one from then on. */
  const answers = (...texts: (string | ScriptedReply)[]): void => {
    let n = 0;
    world.answer(() => {
      const answer = texts[Math.min(n, texts.length - 1)] ?? '';
      n += 1;
      return typeof answer === 'string' ? { text: answer } : answer;
    });
  };

  describe.each(STRUCTURED_TARGETS)('over %s', (model) => {
    it('gives data, put right when it has to be, and bills all of it', async () => {
      const usage = { input: 10, output: 5 };
      answers({ text: '{"name":"Ada","born":"1815"}', usage }, { text: JSON.stringify(ADA), usage });
      const { status, body } = await extract({ model, input: 'Ada, 1815', schema: SCHEMA });
      expect([status, body]).toMatchObject([200, { data: ADA, valid: true, repairs: 1 }]);
      expect(body.usage).toMatchObject({ input_tokens: 20, output_tokens: 10, total_tokens: 30 });
      const row = await app.ledgerRow();
      expect(row).toMatchObject({ status: 'succeeded', cost_usd: body.cost_usd });
      expect(row.attempts).toHaveLength(2);
      const [first, second] = world.requests().map(({ bodyText }) => bodyText);
      expect(first).not.toContain('data.born');
      expect(second).toContain('data.born must be integer');
    });

    it('says where it is wrong when it stays so', async () => {
      const wrong = '{"name":1,"extra":[]}';
      answers(wrong);
      const { status, body } = await extract({ model, input: 'Ada, 1815', schema: SCHEMA, max_repairs: 2 });
      expect([status, body.error]).toMatchObject([
        422,
        {
          code: 'output_schema_mismatch',
          reason: 'schema_mismatch',
          output: wrong,
          usage: { output_tokens: expect.any(Number) },
        },
      ]);
      expect(body.error?.details).toEqual([
        { path: 'data', message: 'must have the property "born"' },
        { path: 'data', message: 'must not have the property "extra"' },
        { path: 'data.name', message: 'must be string' },
      ]);
      expect(world.requests().length).toBe(3);
      expect(await app.ledgerRow()).toMatchObject({ status: 'succeeded' });
    });

    it('tells cut, refused and filtered answers apart, and asks for none again', async () => {
      answers({ text: '{"name":"A', finishReason: 'length' });
      expect((await extract({ model, input: 'Ada', schema: SCHEMA })).body.error).toMatchObject({ reason: 'length' });
      answers({ refusal: 'I will not.' });
      const refused = (await extract({ model, input: 'Ada', schema: SCHEMA })).body.error;
      expect(refused).toMatchObject({
        reason: expect.stringMatching(/^(refusal|content_filter)$/),
        output: 'I will not.',
      });
      answers({ text: JSON.stringify(ADA), finishReason: 'content-filter' });
      const filtered = await extract({ model, input: 'Ada', schema: SCHEMA });
      expect([filtered.status, filtered.body.error?.reason]).toEqual([422, 'content_filter']);
      expect(world.requests().length).toBe(3);
    });
  });

  it.each(STRUCTURED_TARGETS)('takes no cut answer of %s for a whole one, though it matches', async (model) => {
    answers({ text: '{}', finishReason: 'length' });
    const { status, body } = await extract({ model, input: 'Ada', schema: { type: 'object' } });
    const details = [{ path: 'data', message: 'was cut off at the output limit' }];
    expect([status, body.error]).toMatchObject([422, { reason: 'length', output: '{}', details }]);
    expect(world.requests().length).toBe(1);
  });

  // Anthropic's calls have no text that a fence could be in.
  it.each(STRUCTURED_TARGETS.filter((model) => !model.includes('haiku')))(
    'takes JSON out of a fence of %s',
    async (model) => {
      answers(`\`\`\`json\n${JSON.stringify(ADA)}\n\`\`\``);
      const { body } = await extract({ model, input: 'Ada', schema: SCHEMA, max_repairs: 0 });
      expect(body.data).toEqual(ADA);
    },
  );

  it('C19 for 200 varied schemas, whatever each provider answers, gives valid data or says where it is not', async () => {
    const seed = soakSeed();
    const cases = schemaCases(seed, 200).map((one, n) => ({
      ...one,
      n,
      model: modelOf(n),
    }));
    const asked = new Map<number, number>();
    world.answer(({ bodyText }) => {
      const n = Number(/case (\d+) /.exec(bodyText)?.[1]);
      const times = asked.get(n) ?? 0;
      asked.set(n, times + 1);
      return behaviour(n, times, cases[n] as SchemaCase);
    });
    const pending = [...cases];
    const replies: { one: (typeof cases)[number]; reply: Reply }[] = [];
    const work = async (): Promise<void> => {
      for (let one = pending.shift(); one; one = pending.shift()) {
        const { n, model, schema } = one;
        const input = `This is case ${String(n)} of many`;
        // Nothing comes of a repair where the answer stays wrong.
        const reply = await extract({ model, input, schema, max_repairs: endsInMismatch(n) ? 0 : 1 });
        replies.push({ one, reply });
      }
    };
    // Judged when all are there: a test that ended earlier would leave its requests to the next one.
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    for (const { one, reply } of replies) judge({ ...one, seed }, reply);
    const valid = replies.filter(({ reply }) => reply.status === 200).length;
    const outcomes = { valid, mismatch: replies.length - valid };
    const mismatch = cases.filter(({ n }) => endsInMismatch(n)).length;
    expect(outcomes).toEqual({ valid: 200 - mismatch, mismatch });
  });

  it.each<[object, string, string | null]>([
    [{}, 'missing_required_parameter', 'input'],
    [{ input: 'x' }, 'missing_required_parameter', 'schema'],
    [{ input: '  ', schema: {} }, 'invalid_value', 'input'],
    [{ input: 'x', messages: [], schema: {} }, 'invalid_value', 'input'],
    [{ messages: [], schema: {} }, 'invalid_value', 'messages'],
    [{ input: 'x', schema: true }, 'invalid_type', 'schema'],
    [{ input: 'x', schema: { type: 'objekt' } }, 'invalid_schema', 'schema.type'],
    [{ input: 'x', schema: { $ref: 'http://127.0.0.1/x' } }, 'invalid_schema', 'schema.$ref'],
    [{ input: 'x', schema: { properties: { a: { minimum: 'x' } } } }, 'invalid_schema', 'schema.properties.a.minimum'],
    [{ input: 'x', schema: { pattern: '(?=a)' } }, 'invalid_schema', 'schema'],
    [{ input: 'x', schema: {}, name: 'a b' }, 'invalid_value', 'name'],
    [{ input: 'x', schema: {}, max_repairs: 4 }, 'invalid_value', 'max_repairs'],
    [{ input: 'x', schema: {}, max_repairs: -1 }, 'invalid_value', 'max_repairs'],
    [{ input: 'x', schema: {}, model: '' }, 'invalid_value', 'model'],
    [{ input: 'x', schema: {}, stream: true }, 'unknown_parameter', 'stream'],
    [{ input: 'x', schema: {}, model: 'local/extractive' }, 'unsupported_capability', 'response_format'],
  ])('C16 C19 refuses %j', async (body, code, param) => {
    const reply = await extract(body);
    expect([reply.status, reply.body.error]).toMatchObject([400, { code, param }]);
    expect(world.requests().length).toBe(0);
  });

  it('C16 refuses a schema that would take ages, and serves others meanwhile', async () => {
    answers(JSON.stringify(ADA));
    const [hostile, fine] = await Promise.all([
      extract({ model: 'told/plain', input: 'x', schema: explosiveSchema() }),
      extract({ model: 'told/plain', input: 'x', schema: SCHEMA }),
    ]);
    expect([hostile.status, hostile.body.error?.code, hostile.body.error?.details?.[0]?.path]).toEqual([
      400,
      'invalid_schema',
      'schema',
    ]);
    expect([fine.status, fine.body.data]).toEqual([200, ADA]);
    expect(world.requests().length).toBe(1);
  });

  it('goes from a target that enforces to one that does not', async () => {
    world.anthropic.reply({ toolCalls: [{ name: 'extraction', arguments: JSON.stringify(ADA) }] });
    world.openAi.failWith(503).forever();
    const { status, body } = await extract({ model: 'mixed', input: 'Ada', schema: SCHEMA });
    expect([status, body]).toMatchObject([200, { data: ADA, model: 'claude-3-haiku-20240307' }]);
    expect(world.openAi.requests[0]?.body).toHaveProperty('response_format');
  });

  it('asks OpenAI to be strict where it takes the schema', async () => {
    answers('{"name":"Ada"}');
    const strict = {
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
      additionalProperties: false,
    };
    await extract({ model: 'openai/gpt-5.4-mini', input: 'Ada', schema: strict, name: 'person' });
    await extract({ model: 'openai/gpt-5.4-mini', input: 'Ada', schema: { ...strict, required: [] } });
    expect(world.openAi.requests.map(({ body }) => body.response_format)).toEqual([
      { type: 'json_schema', json_schema: { name: 'person', schema: strict, strict: true } },
      { type: 'json_schema', json_schema: { name: 'extraction', schema: { ...strict, required: [] } } },
    ]);
  });
});

/** Right every other time; between them put right, wrong for good, right after no JSON at all, or cut. */
const TURNS = [0, 1, 0, 2, 0, 3, 0, 4];

function turnOf(n: number): number {
  return TURNS[Math.floor(n / STRUCTURED_TARGETS.length) % TURNS.length] ?? 0;
}

/** What a fake answers, `times` being how often it was asked before. */
function behaviour(n: number, times: number, { right, wrong }: SchemaCase): ScriptedReply {
  const good = { text: JSON.stringify(right) };
  const bad = { text: JSON.stringify(wrong) };
  switch (turnOf(n)) {
    case 0:
      return good;
    case 1:
      return times === 0 ? bad : good;
    case 2:
      return bad;
    case 3:
      return times === 0 ? noJson(n) : good;
    default:
      return { text: '{"', finishReason: 'length' };
  }
}

/** A call of Anthropic's holds an object whatever the model wrote, and an empty one matches many a schema. */
function noJson(n: number): ScriptedReply {
  return { text: 'No idea.', ...(modelOf(n)?.includes('haiku') && { toolCalls: [] }) };
}

function modelOf(n: number): string | undefined {
  return STRUCTURED_TARGETS[n % STRUCTURED_TARGETS.length];
}

function endsInMismatch(n: number): boolean {
  return turnOf(n) === 2 || turnOf(n) === 4;
}

/** Data must be what was made to match the schema. */
function judge(
  one: SchemaCase & { n: number; seed: number; model: string | undefined },
  { status, body }: Reply,
): void {
  const { n, seed, model, right } = one;
  const where = { n, seed, model, status, body };
  const turn = turnOf(n);
  if (endsInMismatch(n)) {
    const reason = turn === 2 ? 'schema_mismatch' : 'length';
    expect(where).toMatchObject({ status: 422, body: { error: { code: 'output_schema_mismatch', reason } } });
    expect(body.error?.details?.every(({ path }) => path.startsWith('data'))).toBe(true);
    expect(body.error?.details?.length).toBeGreaterThan(0);
    return;
  }
  expect(where).toMatchObject({ status: 200, body: { valid: true, repairs: turn === 0 ? 0 : 1 } });
  expect(body.data).toEqual(right);
}
