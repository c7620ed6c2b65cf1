import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { COST, ExactCacheWorld, read, REPLY, STREAMED, TOOLS, WHOLE } from '../support/exact-cache-world.js';
import { untilAdmitted } from '../support/key-books.js';
import type { LedgerRow } from './faults/ledger.js';

type Row = LedgerRow & { readonly saved_usd: number | null };

const world = new ExactCacheWorld();

describe('exact cache', () => {
  beforeAll(() => world.start());

  beforeEach(() => {
    world.reset();
  });

  afterAll(() => world.stop());

  const row = async (id: string): Promise<Row> => (await world.app.ledgerRow(id)) as unknown as Row;

  describe('identical requests', () => {
    it('at once: one is sent, all get the same, one pays', async () => {
      const held = world.east.stallAfter(0, REPLY);
      const question = world.newQuestion();
      const pending = Array.from({ length: 50 }, () => world.ask(question));
      await world.east.waitForRequests(1);
      await untilAdmitted(world.app, world.lastIds(50));
      held.release();
      const told = await Promise.all(pending);
      expect(world.asked).toBe(1);
      expect(new Set(told.map(({ body }) => body)).size).toBe(1);
      expect(told.map(({ cache }) => cache).sort()).toEqual([...Array<string>(49).fill('hit'), 'miss']);
      const rows = await Promise.all(told.map(({ id }) => row(id)));
      expect(rows).toHaveLength(50);
      const paid = rows.filter(({ attempts }) => attempts.length > 0);
      expect(paid).toMatchObject([{ status: 'succeeded', cost_usd: COST, saved_usd: null }]);
      for (const free of rows.filter((one) => one !== paid[0])) {
        expect(free).toMatchObject({
          status: 'succeeded',
          provider: 'east',
          cost_usd: 0,
          saved_usd: COST,
          attempts: [],
        });
      }
    });

    it('later: the answer is the same to the byte, costs nothing, and the row says what it saved', async () => {
      for (const mode of [{}, STREAMED]) {
        const question = world.newQuestion();
        const first = await world.ask(question, mode);
        const again = await world.ask(question, mode);
        expect(again.body).toBe(first.body);
        expect(read(again)).toEqual(WHOLE);
        expect([first.cache, again.cache]).toEqual(['miss', 'hit']);
        expect(await row(again.id)).toMatchObject({
          status: 'succeeded',
          provider: 'east',
          model: 'm',
          cost_usd: 0,
          saved_usd: COST,
          attempts: [],
          usage: { input_tokens: 0, output_tokens: 0 },
        });
      }
      expect(world.asked).toBe(2);
      expect(await (await world.app.get('/metrics')).text()).toMatch(
        /trunkline_cache_requests_total\{cache="exact",outcome="hit"\} [1-9]/,
      );
    });

    it('are the same request streamed or not, in our dialect or OpenAI\u2019s, by any name of the same targets', async () => {
      const forms: [object, string][] = [
        [{}, '/v1/chat/completions'],
        [STREAMED, '/v1/chat/completions'],
        [{}, '/v1/chat'],
        [{}, '/v1/chat/stream'],
        [{ model: 'twin' }, '/v1/chat'],
        [{ messages: undefined }, '/v1/chat'],
      ];
      for (const [rest, path] of forms) {
        const question = world.newQuestion();
        const shape = 'messages' in rest ? { ...rest, message: question, store: false } : rest;
        const first = await world.ask(question, shape, { path });
        expect([first.status, first.cache]).toEqual([200, 'miss']);
        for (const [other, otherPath] of forms.slice(0, 5)) {
          const again = await world.ask(question, other, { path: otherPath });
          expect([again.cache, read(again)]).toEqual(['hit', WHOLE]);
        }
      }
      expect(world.asked).toBe(forms.length);
      const native = JSON.parse((await world.ask('What is number 1?', {}, { path: '/v1/chat' })).body) as {
        cached: boolean;
      };
      expect(typeof native.cached).toBe('boolean');
    });

    it('in another mode read along as well, each in its own form', async () => {
      const held = world.east.stallAfter(2, REPLY);
      const question = world.newQuestion();
      const first = world.ask(question, STREAMED);
      await world.east.waitForRequests(1);
      const others = [
        world.ask(question),
        world.ask(question, {}, { path: '/v1/chat/stream' }),
        world.ask(question, STREAMED),
      ];
      await untilAdmitted(world.app, world.lastIds(4));
      held.release();
      const told = await Promise.all([first, ...others]);
      expect(told.map(read)).toEqual([WHOLE, WHOLE, WHOLE, WHOLE]);
      expect(world.asked).toBe(1);
      expect(JSON.parse(told[1]?.body ?? '')).toMatchObject({ object: 'chat.completion', usage: { total_tokens: 15 } });
    });

    it('with tool calls get them whole, over any provider', async () => {
      for (const model of ['cached', 'over-claude']) {
        const call = { id: 'call_1', name: 'get_weather', arguments: { city: 'Oslo' } };
        for (const fake of world.fakes) fake.reply({ toolCalls: [call], usage: { input: 1, output: 1 } }).forever();
        const question = world.newQuestion();
        const rest = { model, tools: TOOLS };
        const first = await world.ask(question, { ...rest, ...STREAMED });
        const again = await world.ask(question, rest);
        expect([first.cache, again.cache]).toEqual(['miss', 'hit']);
        expect(JSON.parse(again.body)).toMatchObject({
          choices: [{ finish_reason: 'tool_calls', message: { tool_calls: [{ function: { name: 'get_weather' } }] } }],
        });
        expect((await world.ask(question, { ...rest, ...STREAMED })).body).toBe(first.body);
      }
    });
  });

  describe('vectors', () => {
    it('come again for the very same texts, in either encoding', async () => {
      const input = [world.newQuestion(), 'two'];
      const embed = (rest: object = {}): ReturnType<typeof world.ask> =>
        world.ask('', { model: 'vectors', messages: undefined, input, ...rest }, { path: '/v1/embeddings' });
      const first = await embed();
      const again = await embed();
      expect([first.status, first.cache, again.cache]).toEqual([200, 'miss', 'hit']);
      expect(again.body).toBe(first.body);
      const binary = await embed({ encoding_format: 'base64' });
      expect(binary.cache).toBe('hit');
      expect(typeof (JSON.parse(binary.body) as { data: { embedding: unknown }[] }).data[0]?.embedding).toBe('string');
      expect((await embed({ input: [...input].reverse() })).cache).toBe('miss');
      expect((await embed({ dimensions: 4 })).cache).toBe('miss');
      expect(world.asked).toBe(3);
      const paid = await row(first.id);
      expect(await row(again.id)).toMatchObject({
        operation: 'embeddings',
        cost_usd: 0,
        saved_usd: paid.cost_usd,
        attempts: [],
      });
    });
  });
});
