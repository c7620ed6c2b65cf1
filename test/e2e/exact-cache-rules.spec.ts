import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ScriptedReply } from '../fakes/scripted-reply.js';
import { COST, ExactCacheWorld, read, REPLY, STREAMED, TOOLS, WHOLE } from '../support/exact-cache-world.js';
import { expectSpent } from '../support/key-books.js';
import type { CallOptions } from '../support/test-app.js';

const SCHEMA = { type: 'object', properties: { b: { type: 'integer' } }, required: ['b'] };
const FORM = { type: 'json_schema', json_schema: { name: 'form', schema: SCHEMA } };
const world = new ExactCacheWorld();

describe('exact cache rules', () => {
  beforeAll(() => world.start());

  beforeEach(() => {
    world.reset();
  });

  afterAll(() => world.stop());

  describe('what is not the same request', () => {
    it.each<[string, object]>([
      ['another temperature', { temperature: 0.5 }],
      ['another limit', { max_tokens: 50 }],
      ['another seed', { seed: 7 }],
      ['another end user', { user: 'alice' }],
      ['tools', { tools: TOOLS }],
      ['a format', { response_format: { type: 'text' } }],
      ['targets that are others', { model: 'other' }],
      ['a vendor\u2019s own parameter', { top_k: 3 }],
    ])('%s', async (_name, rest) => {
      const question = world.newQuestion();
      await world.ask(question);
      expect((await world.ask(question, rest)).cache).toBe('miss');
      expect((await world.ask(question, rest)).cache).toBe('hit');
      expect(world.asked).toBe(2);
    });

    it('what a message carries beyond our own words', async () => {
      const question = world.newQuestion();
      const messages = [{ role: 'user', content: question, cache_control: { type: 'ephemeral' } }];
      await world.ask(question);
      expect((await world.ask(question, { messages })).cache).toBe('miss');
      expect((await world.ask(question, { messages })).cache).toBe('hit');
    });

    it('another project\u2019s, and nobody gets what he may not use', async () => {
      const question = world.newQuestion();
      await world.ask(question);
      const key = await world.app.createKey({ project: 'elsewhere' });
      expect((await world.ask(question, {}, { key })).cache).toBe('miss');
      const made = await world.app.post('/admin/keys', { name: 'barred', models: ['plain'] });
      const { key: barred } = (await made.json()) as { key: string };
      const refused = await world.ask(question, {}, { key: barred });
      expect([refused.status, refused.cache]).toEqual([403, null]);
      expect(refused.body).toContain('model_not_allowed');
      expect(world.asked).toBe(2);
    });
  });

  describe('what a request says', () => {
    it('no-cache wants a new answer, which replaces the old one', async () => {
      const question = world.newQuestion();
      await world.ask(question);
      for (const fake of world.fakes) fake.reply({ text: 'Newer' }).forever();
      expect((await world.ask(question, {}, { headers: { 'cache-control': 'no-cache' } })).cache).toBe('bypass');
      const again = await world.ask(question);
      expect([again.cache, read(again)]).toEqual(['hit', { text: 'Newer', finish: 'stop' }]);
    });

    it('no-store takes what there is and leaves nothing', async () => {
      const question = world.newQuestion();
      const headers = { 'cache-control': 'max-age=0, No-Store' };
      expect((await world.ask(question, {}, { headers })).cache).toBe('miss');
      expect((await world.ask(question)).cache).toBe('miss');
      expect((await world.ask(question, {}, { headers })).cache).toBe('hit');
      expect((await world.ask(question, {}, { headers: { 'cache-control': 'no-cache, no-store' } })).cache).toBe(
        'bypass',
      );
    });

    it('asks for the cache where the model leaves it to requests, and cannot where it says never', async () => {
      const [byHeader, byBody] = [world.newQuestion(), world.newQuestion()];
      const headers = { 'x-trunkline-cache-ttl': '60' };
      const cached = async (
        question: string,
        rest: object,
        options: CallOptions & { path?: string },
      ): Promise<unknown> => [
        (await world.ask(question, rest, options)).cache,
        (await world.ask(question, rest, options)).cache,
      ];
      expect(await cached(byHeader, { model: 'plain' }, {})).toEqual(['bypass', 'bypass']);
      expect(await cached(byHeader, { model: 'plain' }, { headers })).toEqual(['miss', 'hit']);
      expect(await cached(byBody, { model: 'plain', cache: { exact: true } }, { path: '/v1/chat' })).toEqual([
        'miss',
        'hit',
      ]);
      expect(await cached(world.newQuestion(), { cache: { exact: false } }, { path: '/v1/chat' })).toEqual([
        'bypass',
        'bypass',
      ]);
      expect(await cached(world.newQuestion(), { model: 'never' }, { headers })).toEqual(['bypass', 'bypass']);
      expect(await cached(world.newQuestion(), {}, { headers: { 'x-trunkline-cache-ttl': '0' } })).toEqual([
        'bypass',
        'bypass',
      ]);
      expect(
        await cached(world.newQuestion(), { model: 'plain' }, { headers: { 'x-trunkline-cache-ttl': 'long' } }),
      ).toEqual(['bypass', 'bypass']);
    });

    it('its own deadline does not keep it from the cache', async () => {
      const question = world.newQuestion();
      const headers = { 'x-trunkline-timeout-ms': '20000' };
      expect((await world.ask(question, {}, { headers })).cache).toBe('miss');
      expect((await world.ask(question, {}, { headers })).cache).toBe('hit');
    });
  });

  describe('never kept', () => {
    const weather = (args: string, name = 'get_weather'): ScriptedReply => ({ toolCalls: [{ name, arguments: args }] });

    it.each<[string, ScriptedReply, object?]>([
      ['an answer that was cut at its limit', { text: 'One', finishReason: 'length' }],
      ['F35: a filtered answer', { text: 'One', finishReason: 'content-filter' }],
      ['F35: a refusal', { refusal: 'No.' }],
      ['F37: a tool call whose arguments are no JSON', weather('{"city":'), { tools: TOOLS }],
      ['F37: a call of a tool that there is not', weather('{}', 'get_wether'), { tools: TOOLS }],
      ['no JSON where JSON was asked for', { text: 'Sure! {}' }, { response_format: { type: 'json_object' } }],
      ['JSON that does not match a schema', { text: '{"a":1}' }, { response_format: FORM }],
    ])('%s', async (_name, reply, rest = {}) => {
      for (const mode of [{}, STREAMED]) {
        for (const fake of world.fakes) fake.reply(reply).forever();
        const question = world.newQuestion();
        const before = world.asked;
        for (let count = 0; count < 2; count += 1) {
          expect((await world.ask(question, { ...rest, ...mode })).cache).toBe('miss');
        }
        expect(world.asked).toBe(before + 2);
      }
    });

    it('errors, and streams that broke', async () => {
      const question = world.newQuestion();
      for (const fake of [world.east, world.west]) fake.failWith(500).forever();
      expect((await world.ask(question)).status).toBe(502);
      world.app.resetProviders();
      for (const fake of [world.east, world.west]) {
        fake.reset();
        fake.cutAfter(2, REPLY);
        fake.reply(REPLY).forever();
      }
      expect((await world.ask(question, STREAMED)).body).toContain('upstream_stream_interrupted');
      expect((await world.ask(question, STREAMED)).cache).toBe('miss');
      expect((await world.ask(question)).cache).toBe('hit');
    });

    it('answers that the client left', async () => {
      const question = world.newQuestion();
      world.east.stallAfter(2, REPLY);
      const gone = new AbortController();
      const left = world.ask(question, STREAMED, { signal: gone.signal }).catch(() => 'left');
      await world.east.waitForRequests(1);
      gone.abort();
      expect(await left).toBe('left');
      await world.east.waitForClose();
      expect((await world.ask(question)).cache).toBe('miss');
    });

    it('an answer of two pieces; one that won a race is', async () => {
      const question = world.newQuestion();
      world.east.cutAfter(2, REPLY);
      const stitched = await world.ask(question, { model: 'every', ...STREAMED });
      expect([stitched.cache, read(stitched)]).toEqual(['miss', WHOLE]);
      expect((await world.ask(question, { model: 'every', ...STREAMED })).cache).toBe('miss');
      expect((await world.ask(question, { model: 'every', ...STREAMED })).cache).toBe('hit');
    });
  });

  describe('limits and budgets', () => {
    it('a kept answer counts as a request, and takes no tokens and no money', async () => {
      const made = await world.app.post('/admin/keys', {
        name: 'limited',
        limits: { requests_per_minute: 3 },
        budgets: [{ window: 'total', amount_usd: 0.02 }],
      });
      const { id, key } = (await made.json()) as { id: string; key: string };
      const question = world.newQuestion();
      const rest = { max_tokens: 5 };
      expect((await world.ask(question, rest, { key })).cache).toBe('miss');
      expect((await world.ask(question, rest, { key })).cache).toBe('hit');
      expect((await world.ask(question, rest, { key })).cache).toBe('hit');
      await expectSpent(world.app, id, COST);
      const refused = await world.ask(question, rest, { key });
      expect([refused.status, refused.body.includes('rate_limit_exceeded')]).toEqual([429, true]);
    });

    it('a kept answer comes even when a budget is spent', async () => {
      const budgets = [{ window: 'total', amount_usd: 0.001 }];
      const made = await world.app.post('/admin/keys', { name: 'poor', budgets });
      const { id, key } = (await made.json()) as { id: string; key: string };
      const question = world.newQuestion();
      const rest = { max_tokens: 5 };
      expect((await world.ask(question, rest, { key })).cache).toBe('miss');
      world.reset({ text: 'Dear', usage: { input: 10, output: 480 } });
      expect((await world.ask(world.newQuestion(), rest, { key })).status).toBe(200);
      const spent = COST + (10 + 480 * 2) / 1_000_000;
      await expectSpent(world.app, id, spent);
      const refused = await world.ask(world.newQuestion(), rest, { key });
      expect([refused.status, refused.body.includes('insufficient_quota')]).toEqual([429, true]);
      expect((await world.ask(question, rest, { key })).cache).toBe('hit');
      await expectSpent(world.app, id, spent);
    });
  });
});
