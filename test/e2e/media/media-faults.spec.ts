import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type OpenAI, toFile } from 'openai';
import { events, json } from '../../fakes/openai-media/default-answers.js';
import type { FakeMedia } from '../../fakes/openai-media/fake-media.js';
import { makeWav } from '../../support/make-wav.js';
import { MediaWorld } from './media-world.js';

const world = new MediaWorld();

describe('media faults', () => {
  beforeAll(() => world.start());
  beforeEach(() => {
    world.reset();
  });
  afterAll(() => world.stop());

  /** One request of each kind, at a model that has a sibling, or by itself. */
  type Ask = (client: OpenAI, suffix: '' | '-alone' | '-hasty') => Promise<unknown>;

  const wav = (): ReturnType<typeof toFile> => toFile(makeWav(2), 'a.wav');
  const ASKS: Readonly<Record<string, Ask>> = {
    images: (client, suffix) => client.images.generate({ model: `draw${suffix}`, prompt: 'A godwit' }),
    speech: async (client, suffix) => {
      const answer = await client.audio.speech.create({ model: `speak${suffix}`, input: 'Hello', voice: 'alloy' });
      return (await answer.arrayBuffer()).byteLength;
    },
    transcriptions: async (client, suffix) =>
      client.audio.transcriptions.create({ model: `hear${suffix}`, file: await wav() }),
  };

  type Fault = readonly [name: string, strike: (fake: FakeMedia) => unknown];

  // Below the body there is one way for all of them.
  const FAULTS: readonly Fault[] = [
    ['F08: 500', (fake) => fake.failWith(500).failWith(500)],
    ['F05: 429', (fake) => fake.failWith(429)],
    ['F12: 401', (fake) => fake.failWith(401)],
    ['F03: a connection that is closed', (fake) => fake.behave(close).behave(close)],
  ];
  const BODY_FAULTS: readonly Fault[] = [
    ['F22: a page', (fake) => fake.reply(page())],
    ['F22: nothing', (fake) => fake.reply(nothing())],
    ['F21: another form', (fake) => fake.reply(json({ odd: true }))],
    ['F20: an error in a 200', (fake) => fake.reply(failure()).reply(failure())],
  ];

  describe('requests', () => {
    it.each(FAULTS)('go to the sibling: %s', async (_name, strike) => {
      strike(world.openAi);
      await ASKS.images?.(world.client(), '');
      expect(world.spare.requests).toHaveLength(1);
    });

    it('are a 504 when the provider keeps silent', async () => {
      for (let count = 0; count < 4; count += 1) world.openAi.behave(() => undefined);
      await expect(ASKS.images?.(world.client(), '-hasty')).rejects.toMatchObject({
        ...{ status: 504, code: 'upstream_timeout' },
      });
    });

    it('are refused under a budget that they could exceed', async () => {
      const { key } = await world.budgetKey(0.000001);
      const poor = world.client(key);
      for (const ask of Object.values(ASKS)) {
        await expect(ask(poor, '')).rejects.toMatchObject({ status: 429, code: 'insufficient_quota' });
      }
      expect(world.openAi.requests).toEqual([]);
    });

    it('are charged to a budget, by the unit', async () => {
      const { id, key } = await world.budgetKey(5);
      const body = { model: 'hear', file: await wav() };
      const { response } = await world.client(key).audio.transcriptions.create(body).withResponse();
      await world.app.ledgerRow(response.headers.get('x-request-id') ?? '');
      const shown = (await (await world.app.get(`/admin/keys/${id}`)).json()) as { budgets: object[] };
      expect(shown.budgets).toMatchObject([{ spent_usd: 0.0003 }]);
    });

    it('need the scope for chat, and a model that the key may use', async () => {
      const key = await world.app.createKey({ scopes: ['rag'] });
      await expect(ASKS.speech?.(world.client(key), '')).rejects.toMatchObject({ code: 'insufficient_scope' });
      const made = await world.app.post('/admin/keys', { name: 'few', models: ['judge'] });
      const few = world.client(((await made.json()) as { key: string }).key);
      await expect(ASKS.speech?.(few, '')).rejects.toMatchObject({ status: 403, code: 'model_not_allowed' });
      expect(world.openAi.requests).toEqual([]);
    });
  });

  describe.each(Object.entries(ASKS))('%s', (_kind, ask) => {
    it.each(BODY_FAULTS)('go to the sibling: %s', async (_name, strike) => {
      strike(world.openAi);
      await ask(world.client(), '');
      expect(world.spare.requests).toHaveLength(1);
    });

    it('tell what the provider refused, without our credential', async () => {
      world.openAi.failWith(400);
      const refusal = await ask(world.client(), '-alone').catch((error: unknown) => error);
      expect(refusal).toMatchObject({ status: 400, code: 'upstream_rejected_request' });
      expect(String(refusal)).not.toContain('sk-fake-media');
    });
  });

  describe('an answer that breaks', () => {
    it('is cut for the client, where it is sound, and billed', async () => {
      world.openAi.cutAfter(1);
      const answer = await world.client().audio.speech.create({ model: 'speak', input: 'Hello', voice: 'alloy' });
      await expect(answer.arrayBuffer()).rejects.toThrow();
      const row = await world.app.ledgerRow(answer.headers.get('x-request-id') ?? '');
      expect(row).toMatchObject({
        ...{ status: 'failed', error_code: 'upstream_stream_interrupted', cost_usd: 0.000075 },
        usage: { characters: 5, estimated: true },
      });
      expect(world.spare.requests).toEqual([]);
    });

    it('is cut when the sound stops coming', async () => {
      world.openAi.stallAfter(1);
      const answer = await world.client().audio.speech.create({ model: 'speak-hasty', input: 'Hello', voice: 'alloy' });
      await expect(answer.arrayBuffer()).rejects.toThrow();
      await world.openAi.last.closedByClient;
    });

    it('goes to the sibling before the first sound', async () => {
      world.openAi.cutAfter(0).cutAfter(0);
      await ASKS.speech?.(world.client(), '');
      expect(world.spare.requests).toHaveLength(1);
    });

    it.each([
      ['cut off', (fake: FakeMedia) => fake.cutAfter(1)],
      ['ended without its end', (fake: FakeMedia) => fake.reply(events({ type: 'image_generation.partial_image' }))],
    ])('ends the stream of images with an error: %s', async (_name, strike) => {
      strike(world.openAi);
      const stream = await world.client().images.generate({ model: 'draw', prompt: 'A godwit', stream: true });
      const read = async (): Promise<void> => {
        for await (const event of stream) expect(event.type).toBe('image_generation.partial_image');
      };
      await expect(read()).rejects.toThrow('broke');
    });

    it('goes to the sibling when a stream begins with an error', async () => {
      world.openAi.reply(events({ type: 'error', ...{ error: { message: 'overloaded', code: 'overloaded' } } }));
      world.openAi.reply(events({ type: 'error', ...{ error: { message: 'overloaded', code: 'overloaded' } } }));
      const stream = await world.client().images.generate({ model: 'draw', prompt: 'A godwit', stream: true });
      const types = [];
      for await (const { type } of stream) types.push(type);
      expect(types).toHaveLength(3);
      expect(world.spare.requests).toHaveLength(1);
    });

    it('is too large past the limit', async () => {
      world.openAi.behave((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(200 * 1024 ** 2) });
        response.flushHeaders();
      });
      await expect(ASKS.images?.(world.client(), '-alone')).rejects.toMatchObject({ code: 'response_too_large' });
    });
  });

  describe('the rest of the way', () => {
    it('takes requests to the deployments of Azure, and knows what it does not do', async () => {
      await world.client().images.generate({ model: 'azure/painter', prompt: 'A godwit' });
      const { path, headers } = world.spare.last;
      expect(path).toBe('/openai/deployments/painter/images/generations?api-version=2024-10-21');
      expect(headers['api-key']).toBe('azure-key');
      await expect(world.client().moderations.create({ model: 'azure/judge', input: 'a' })).rejects.toMatchObject({
        code: 'unsupported_capability',
      });
    });

    it('keeps where a request goes to itself', async () => {
      const body = { model: 'draw', prompt: 'A godwit', api_base: 'http://elsewhere', fallbacks: ['other'] };
      const { response } = await world.client().images.generate(body).withResponse();
      expect(world.openAi.last.json).toEqual({ model: 'gpt-image-1', prompt: 'A godwit' });
      expect(response.headers.get('x-trunkline-warnings')).toContain('api_base');
    });

    it.each<[string, object, string]>([
      ['/v1/images/generations', { model: 'draw', prompt: 'a', n: 11 }, 'invalid_value'],
      ['/v1/images/generations', { model: 'draw', prompt: 7 }, 'invalid_type'],
      ['/v1/images/generations', { prompt: 'a' }, 'missing_required_parameter'],
      ['/v1/images/generations', { model: 'openai/gpt-4o', prompt: 'a' }, 'unsupported_capability'],
      ['/v1/audio/speech', { model: 'speak', input: '', voice: 'a' }, 'invalid_value'],
      ['/v1/audio/speech', { model: 'speak', input: 'a', voice: 'a', speed: 9 }, 'invalid_value'],
      ['/v1/audio/speech', { model: 'speak', input: 'a' }, 'missing_required_parameter'],
      ['/v1/moderations', { input: [] }, 'invalid_value'],
      ['/v1/moderations', { input: ['a', 7] }, 'invalid_type'],
      ['/v1/moderations', { input: [{ type: 'video' }] }, 'invalid_value'],
      ['/v1/rerank', { query: 'a', documents: [] }, 'invalid_value'],
      ['/v1/rerank', { query: 'a', documents: [7] }, 'invalid_type'],
      ['/v1/rerank', { documents: ['a'] }, 'missing_required_parameter'],
      ['/v1/rerank', { model: 'judge', query: 'a', documents: ['a'] }, 'unsupported_capability'],
    ])('%s refuses %j', async (path, body, code) => {
      const answer = await world.app.post(path, body);
      const { error } = (await answer.json()) as { error: { code: string } };
      expect([answer.status, error.code]).toEqual([400, code]);
    });

    it('refuses under a budget what has no known price', async () => {
      const rich = await world.budgetKey(5);
      const asking = world.client(rich.key).images.generate({ model: 'spare/unheard-of', prompt: 'a' });
      await expect(asking).rejects.toMatchObject({ status: 400, code: 'model_not_priced' });
    });

    it('sums units up in reports', async () => {
      await world.client().images.generate({ model: 'openai/dall-e-2', prompt: 'a', n: 3, size: '512x512' });
      const from = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
      const report = await world.app.get(`/admin/usage?group_by=model&from=${from}&model=dall-e-2`);
      const { data } = (await report.json()) as { data: object[] };
      expect(data).toMatchObject([{ model: 'dall-e-2', cost_usd: 0.054, usage: { images: 3 } }]);
      const csv = await (await world.app.get(`/admin/usage?group_by=model&from=${from}&format=csv`)).text();
      expect(csv.split('\r\n')[0]).toContain('images,audio_input_seconds,audio_output_seconds,characters,searches');
    });

    it('counts units for the metrics page', async () => {
      await ASKS.speech?.(world.client(), '');
      const page = await (await world.app.get('/metrics')).text();
      expect(page).toMatch(/trunkline_units_total\{provider="openai",model="tts-1",unit="character"\} \d+/);
    });
  });

  function close(_request: unknown, response: { destroy(): unknown }): void {
    response.destroy();
  }

  function page(): { contentType: string; pieces: string[] } {
    return { contentType: 'text/html', pieces: ['<html><body>Welcome to the proxy</body></html>'] };
  }

  function nothing(): { contentType: string; pieces: string[] } {
    return { contentType: 'application/json', pieces: [] };
  }

  function failure(): { contentType: string; pieces: readonly (string | Uint8Array)[] } {
    return json({ error: { message: 'It did not work.', type: 'server_error', code: null } });
  }
});
