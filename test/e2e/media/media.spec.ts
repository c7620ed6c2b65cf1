import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toFile } from 'openai';
import { json, TRANSCRIPT } from '../../fakes/openai-media/default-answers.js';
import { makeWav } from '../../support/make-wav.js';
import { openAiSchemaCheck } from '../../support/openai-schemas.js';
import { AUDIO_LIMIT, MediaWorld } from './media-world.js';

const world = new MediaWorld();

describe('media', () => {
  beforeAll(() => world.start());
  beforeEach(() => {
    world.reset();
  });
  afterAll(() => world.stop());

  const wav = (seconds = 2): ReturnType<typeof toFile> =>
    toFile(makeWav(seconds), 'say "hi".wav', { type: 'audio/wav' });

  describe('images by the official client', () => {
    it('are passed on as they are, and billed by their tokens', async () => {
      const { data, response } = await world
        .client()
        .images.generate({ model: 'draw', prompt: 'A godwit', n: 1, size: '1024x1024', user: 'someone' })
        .withResponse();
      openAiSchemaCheck('ImagesResponse')(data);
      expect(data.data).toEqual([{ b64_json: 'aW1hZ2U=' }]);
      expect(world.openAi.last.json).toEqual({
        ...{ model: 'gpt-image-1', prompt: 'A godwit', n: 1, size: '1024x1024', user: 'someone' },
      });
      expect(response.headers.get('x-trunkline-model')).toBe('openai/gpt-image-1');
      // 50 tokens of text at 5, 10 of images at 10, 1,000 made at 40 USD a million.
      expect(response.headers.get('x-trunkline-cost-usd')).toBe('0.0403500000');
      expect(await world.app.ledgerRow(response.headers.get('x-request-id') ?? '')).toMatchObject({
        operation: 'images',
        status: 'succeeded',
        cost_usd: 0.04035,
        usage: { input_tokens: 60, output_tokens: 1_000, images: 1, estimated: false },
      });
    });

    it('stream, drafts first', async () => {
      const { data: stream, response } = await world
        .client()
        .images.generate({ model: 'draw', prompt: 'A godwit', stream: true, partial_images: 2 })
        .withResponse();
      const events = [];
      for await (const event of stream) events.push(event.type);
      const draft = 'image_generation.partial_image';
      expect(events).toEqual([draft, draft, 'image_generation.completed']);
      const row = await world.app.ledgerRow(response.headers.get('x-request-id') ?? '');
      expect(row).toMatchObject({ cost_usd: 0.04035, usage: { images: 1, estimated: false } });
    });

    it('are sold by the piece, each size and quality at its price', async () => {
      const body = { model: 'openai/dall-e-3', prompt: 'A godwit', quality: 'hd' as const, size: '1024x1792' as const };
      const { response } = await world.client().images.generate(body).withResponse();
      expect(response.headers.get('x-trunkline-cost-usd')).toBe('0.1200000000');
      const two = { ...body, model: 'openai/dall-e-2', quality: undefined, size: '512x512' as const, n: 2 };
      const second = await world.client().images.generate(two).withResponse();
      expect(second.response.headers.get('x-trunkline-cost-usd')).toBe('0.0360000000');
    });

    it('come as events also from a server that did not stream', async () => {
      world.openAi.reply(json({ created: 7, data: [{ b64_json: 'YQ==' }] }));
      const stream = await world.client().images.generate({ model: 'draw', prompt: 'A godwit', stream: true });
      const events = [];
      for await (const event of stream) events.push(event);
      expect(events).toEqual([{ type: 'image_generation.completed', b64_json: 'YQ==', created_at: 7 }]);
    });
  });

  describe('speech by the official client', () => {
    it('comes byte for byte, and is billed by its characters', async () => {
      const input = 'Guten Tag, 👋!';
      const answer = await world
        .client()
        .audio.speech.create({ model: 'speak', input, voice: 'alloy', response_format: 'mp3' });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const sent = Uint8Array.from({ length: 4_000 }, (_, index) => (index * 7 + input.length) % 256);
      expect(bytes.equals(sent)).toBe(true);
      expect(answer.headers.get('content-type')).toBe('audio/mpeg');
      const row = await world.app.ledgerRow(answer.headers.get('x-request-id') ?? '');
      expect(row).toMatchObject({ operation: 'speech', usage: { characters: 13 }, cost_usd: 0.000195 });
    });

    it('comes as events', async () => {
      const answer = await world.client().audio.speech.create({
        ...{ model: 'openai/gpt-4o-mini-tts', input: 'Hello', voice: { id: 'voice_1' }, stream_format: 'sse' },
      });
      const types = [...(await answer.text()).matchAll(/"type":"([^"]+)"/g)].map(([, type]) => type);
      expect(types).toEqual(['speech.audio.delta', 'speech.audio.delta', 'speech.audio.done']);
      const row = await world.app.ledgerRow(answer.headers.get('x-request-id') ?? '');
      // 8 tokens at 0.6, 100 at 12 USD a million.
      expect(row).toMatchObject({
        cost_usd: 0.0012048,
        usage: { input_tokens: 8, output_tokens: 100, estimated: false },
      });
    });

    it('waits for a client that is slow, and is ended at the provider when the client leaves', async () => {
      const piece = new Uint8Array(64 * 1024);
      let written = 0;
      world.openAi.behave((_request, response) => {
        response.writeHead(200, { 'content-type': 'audio/pcm' });
        const more = (): void => {
          while (!response.destroyed && response.write(piece)) written += piece.length;
          if (!response.destroyed) response.once('drain', more);
        };
        more();
      });
      const left = new AbortController();
      const body = JSON.stringify({ model: 'speak-alone', input: 'Hello', voice: 'alloy' });
      const answer = await world.app.request('POST', '/v1/audio/speech', { text: body, signal: left.signal });
      const id = answer.headers.get('x-request-id') ?? '';
      // The buffers between are full at some point: what the fake has written stands still.
      let before = -1;
      while (before !== written) {
        before = written;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(written).toBeLessThan(64 * 1024 * 1024);
      left.abort();
      await world.openAi.last.closedByClient;
      expect(await world.app.ledgerRow(id)).toMatchObject({ status: 'aborted', usage: { characters: 5 } });
    });
  });

  describe('transcriptions by the official client', () => {
    it.each(['json', 'verbose_json', 'text', 'srt', 'vtt'] as const)(
      'come as %s, billed by the second',
      async (format) => {
        const { data, response } = await world
          .client()
          .audio.transcriptions.create({
            ...{ model: 'hear', file: await wav(), response_format: format, language: 'en' },
            timestamp_granularities: ['word', 'segment'],
          })
          .withResponse();
        expect(JSON.stringify(data)).toContain(TRANSCRIPT);
        const { file, fields } = world.openAi.last;
        expect(file?.bytes.equals(makeWav(2))).toBe(true);
        expect(file).toMatchObject({ type: 'audio/wav' });
        expect(fields).toEqual(
          expect.arrayContaining([
            ['model', 'whisper-1'],
            ['language', 'en'],
            ['timestamp_granularities[]', 'word'],
            ['timestamp_granularities[]', 'segment'],
          ]),
        );
        const said = format.endsWith('json');
        // Three seconds as the provider says, or the two that the file has.
        expect(await world.app.ledgerRow(response.headers.get('x-request-id') ?? '')).toMatchObject({
          operation: 'transcriptions',
          cost_usd: said ? 0.0003 : 0.0002,
          usage: { audio_input_seconds: said ? 3 : 2, estimated: !said },
        });
      },
    );

    it('stream, billed by tokens', async () => {
      const stream = await world
        .client()
        .audio.transcriptions.create({ model: 'openai/gpt-4o-transcribe', file: await wav(), stream: true });
      const events = [];
      for await (const event of stream) events.push(event.type);
      expect(events).toEqual(['transcript.text.delta', 'transcript.text.delta', 'transcript.text.done']);
    });

    it.each<[string, () => FormData, number, string]>([
      ['without a file', () => form({ model: 'hear' }), 400, 'missing_required_parameter'],
      ['without a model', () => form({}, makeWav(1)), 400, 'missing_required_parameter'],
      ['with an empty file', () => form({ model: 'hear' }, Buffer.alloc(0)), 400, 'empty_file'],
      [
        'with a file past the limit',
        () => form({ model: 'hear' }, Buffer.alloc(AUDIO_LIMIT + 1)),
        413,
        'file_too_large',
      ],
      [
        'with a format of its own',
        () => form({ model: 'hear', response_format: 'mp3' }, makeWav(1)),
        400,
        'invalid_value',
      ],
      ['with a temperature of 7', () => form({ model: 'hear', temperature: '7' }, makeWav(1)), 400, 'invalid_value'],
      ['for a chat model', () => form({ model: 'openai/gpt-4o' }, makeWav(1)), 400, 'unsupported_capability'],
      ['for nobody', () => form({ model: 'nobody' }, makeWav(1)), 404, 'model_not_found'],
      ['with fields that would fill the memory', () => form(LARGE_FIELDS, makeWav(1)), 400, 'invalid_multipart'],
    ])('are refused %s', async (_name, make, status, code) => {
      const answer = await fetch(`${world.app.url}/v1/audio/transcriptions`, {
        ...{ method: 'POST', body: make(), headers: { authorization: `Bearer ${world.app.adminKey}` } },
      });
      expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
        status,
        code,
      ]);
      expect(world.openAi.requests).toEqual([]);
    });

    it('are given again under the same key', async () => {
      const send = async (seconds: number): Promise<Response> =>
        fetch(`${world.app.url}/v1/audio/transcriptions`, {
          ...{ method: 'POST', body: form({ model: 'hear' }, makeWav(seconds)) },
          headers: { authorization: `Bearer ${world.app.adminKey}`, 'idempotency-key': 'hear-1' },
        });
      expect((await send(2)).headers.get('idempotent-replayed')).toBeNull();
      expect((await send(2)).headers.get('idempotent-replayed')).toBe('true');
      expect((await send(1)).status).toBe(422);
      expect(world.openAi.requests).toHaveLength(1);
    });
  });

  describe('moderations by the official client', () => {
    it('judge texts, at no cost where the vendor asks for none', async () => {
      const { data, response } = await world
        .client()
        .moderations.create({ input: ['All is well', 'I will harm you'] })
        .withResponse();
      openAiSchemaCheck('CreateModerationResponse')(data);
      expect(data.results.map(({ flagged }) => flagged)).toEqual([false, true]);
      expect(world.openAi.last.json.model).toBe('omni-moderation-latest');
      expect(Number(response.headers.get('x-trunkline-cost-usd'))).toBe(0);
    });
  });

  describe('reranking', () => {
    const documents = ['Sparrows', 'The godwit flies far', 'Gulls'];

    it('answers in the shape of Cohere, and bills by search', async () => {
      world.reranker.favourite = 'godwit';
      const answer = await world.app.post('/v1/rerank', { query: 'far', documents, top_n: 2, return_documents: true });
      expect(await answer.json()).toMatchObject({
        results: [
          { index: 1, relevance_score: 0.9, document: { text: 'The godwit flies far' } },
          { index: 0, relevance_score: 0.1 },
        ],
        meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
      });
      expect(answer.headers.get('x-trunkline-cost-usd')).toBe('0.0020000000');
      const row = await world.app.ledgerRow();
      expect(row).toMatchObject({ operation: 'rerank', cost_usd: 0.002, usage: { searches: 1, total_tokens: 0 } });
    });

    it('bills by token elsewhere', async () => {
      const answer = await world.app.post('/v1/rerank', { model: 'jina/jina-reranker-v2', query: 'far', documents });
      expect(((await answer.json()) as { results: unknown[] }).results).toHaveLength(3);
      expect(await world.app.ledgerRow()).toMatchObject({
        usage: { input_tokens: 40, searches: 0 },
        cost_usd: 0.0000008,
      });
    });

    it('fails where nobody can judge, and needs its own scope', async () => {
      world.reranker.failure = 500;
      const answer = await world.app.post('/v1/rerank', { query: 'far', documents });
      expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
        502,
        'upstream_error',
      ]);
      const key = await world.app.createKey({ scopes: ['chat'] });
      expect((await world.app.post('/v1/rerank', { query: 'far', documents }, { key })).status).toBe(403);
    });
  });

  /** Each of them is small enough, and they are not together. */
  const LARGE_FIELDS = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`f${String(index)}`, 'a'.repeat(945_000)]),
  );

  function form(fields: Record<string, string>, file?: Buffer): FormData {
    const made = new FormData();
    for (const [name, value] of Object.entries(fields)) made.append(name, value);
    if (file) made.append('file', new Blob([new Uint8Array(file)], { type: 'audio/wav' }), 'sound.wav');
    return made;
  }
});
