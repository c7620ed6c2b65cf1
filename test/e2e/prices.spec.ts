import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { catalogEntry } from '../support/catalog-entry.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface Failure {
  error: { code: string; message: string; details?: { message: string }[] };
}

interface Catalog {
  source: string;
  loaded_at: string | null;
  problems: string[];
  data: { vendor: string; model: string; prices: Record<string, number | null> | null }[];
  overrides: { target: string; prices: object; tiers: { above_input_tokens: number }[]; batch_discount: number }[];
}

let app: TestApp;
let directory: string;
let file: string;

describe('prices', () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'trunkline-catalog-'));
    file = join(directory, 'models.json');
    writeFileSync(file, '{"models": [');
    // What is wrong with the file is asked for, and need not be on the screen.
    app = await startTestApp({
      env: { CATALOG_FILE: file },
      gateway: {
        providers: {
          lab: { type: 'openai-compatible', base_url: 'http://127.0.0.1:9/v1', api_keys: ['sk'] },
          openai: { type: 'openai', api_keys: ['sk'] },
        },
        models: { 'over-claude': { targets: ['lab/priced'] }, mixed: { targets: ['lab/unknown', 'openai/gpt-4o'] } },
        prices: {
          'lab/priced': {
            ...{ input: 3, output: 15, cached_input: 0.3, audio_input: 40, batch_discount: 0.5, per_image: 0.01 },
            tiers: [
              { above_input_tokens: 2000000, input: 9, output: 45 },
              { above_input_tokens: 200000, input: 6, output: 22.5 },
            ],
          },
        },
      },
    });
  });

  afterAll(async () => {
    await app.close();
    rmSync(directory, { recursive: true, force: true });
  });

  describe('the catalogue', () => {
    beforeAll(() => {
      Logger.overrideLogger(false);
    });

    const good = catalogEntry({ vendor: 'openai', model: 'gpt-4o', prices: { input: 7, output: 8 } });

    async function show(): Promise<Catalog> {
      return (await (await app.get('/admin/catalog')).json()) as Catalog;
    }

    async function price(): Promise<unknown> {
      const body = { conversations_per_day: 1, turns: 1, input_tokens_per_turn: 1_000_000, output_tokens_per_turn: 0 };
      const answer = await app.post('/v1/cost/estimate', { ...body, models: ['openai/gpt-4o'] });
      return ((await answer.json()) as { data: { per_conversation_usd: unknown }[] }).data[0]?.per_conversation_usd;
    }

    it('is the built-in one while the file is wrong, and says why', async () => {
      const { source, problems, data, overrides } = await show();
      expect([source, problems]).toEqual(['built-in', ['it is not JSON, or only a part of it']]);
      expect(data.length).toBeGreaterThan(100);
      expect(overrides).toMatchObject([
        { target: 'lab/priced', prices: { input: 3, audio_input: 40 }, batch_discount: 0.5, units: { image: 0.01 } },
      ]);
      expect(overrides[0]?.tiers.map(({ above_input_tokens }) => above_input_tokens)).toEqual([200_000, 2_000_000]);
      expect(await price()).toBe(2.5);
    });

    it('changes at once and whole, prices included', async () => {
      writeFileSync(file, JSON.stringify({ models: [good] }));
      expect((await app.post('/admin/catalog', { check_only: true })).status).toBe(200);
      expect(await price()).toBe(2.5);
      const answer = await app.request('POST', '/admin/catalog');
      expect(answer.status).toBe(200);
      const { source, problems, data } = await show();
      expect([source, problems]).toEqual(['file', []]);
      expect(data.map(({ model }) => model).sort()).toEqual(['extractive', 'gpt-4o', 'lexical-384']);
      expect(await price()).toBe(7);
      const { pricing } = (await (await app.get('/v1/models/openai/gpt-4o')).json()) as { pricing: object };
      expect(pricing).toMatchObject({ input: 7, output: 8 });
    });

    it('stays when the file turns wrong, with every problem listed', async () => {
      const bad = [
        { ...good, prices: { input: -1, output: 8 } },
        { ...good, model: 'free', prices: { input: 0, output: 0 } },
      ];
      writeFileSync(file, JSON.stringify({ models: bad }));
      expect((await app.post('/admin/catalog', { check_only: true })).status).toBe(400);
      expect((await show()).problems).toEqual([]);
      const answer = await app.request('POST', '/admin/catalog');
      const { error } = (await answer.json()) as Failure;
      expect([answer.status, error.code]).toEqual([400, 'invalid_value']);
      expect(error.details).toMatchObject([{ message: 'models[0] (gpt-4o).prices.input: must be >= 0' }]);
      expect((await show()).source).toBe('file');
      expect(await price()).toBe(7);
      rmSync(file);
      expect((await app.request('POST', '/admin/catalog')).status).toBe(400);
      expect(await price()).toBe(7);
    });

    it('is for administrators', async () => {
      const key = await app.createKey();
      expect((await app.get('/admin/catalog', { key })).status).toBe(403);
      expect((await app.request('POST', '/admin/catalog', { key })).status).toBe(403);
    });
  });

  describe('POST /v1/cost/estimate', () => {
    it('estimates models by day and month, and says which have no price', async () => {
      const answer = await app.post('/v1/cost/estimate', {
        conversations_per_day: 100,
        turns: 2,
        input_tokens_per_turn: 1000,
        output_tokens_per_turn: 500,
        models: ['over-claude', 'lab/unknown', 'local/extractive'],
      });
      expect(answer.status).toBe(200);
      // Prompts of 1,000 and 2,500 tokens and two answers of 500.
      const body = (await answer.json()) as { basis: object; data: Record<string, unknown>[] };
      expect(body.basis).toMatchObject({ input_tokens_per_conversation: 3_500, output_tokens_per_conversation: 1_000 });
      const [claude, lab, local] = body.data;
      const { pricing } = (await (await app.get('/v1/models/over-claude')).json()) as {
        pricing: { input: number; output: number };
      };
      const conversation = (3_500 * pricing.input + 1_000 * pricing.output) / 1e6;
      expect(claude).toMatchObject({ model: 'over-claude', priced: true });
      expect(claude?.per_conversation_usd).toBeCloseTo(conversation, 10);
      expect(claude?.daily_usd).toBeCloseTo(100 * conversation, 8);
      expect(claude?.monthly_usd).toBeCloseTo(3_000 * conversation, 7);
      expect(lab).toMatchObject({ model: 'lab/unknown', priced: false, per_conversation_usd: null, monthly_usd: null });
      expect(local).toMatchObject({ priced: true, monthly_usd: 0 });
    });

    it('counts a sample conversation and takes the aliases when no model is named', async () => {
      const answer = await app.post('/v1/cost/estimate', {
        conversations_per_day: 1,
        turns: 1,
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'hello world' },
          { role: 'assistant', content: 'hello' },
        ],
      });
      const body = (await answer.json()) as { basis: object; data: { model: string }[] };
      expect(body.basis).toMatchObject({ input_tokens_per_turn: 2, output_tokens_per_turn: 1, system_tokens: 3 });
      expect(body.data.map(({ model }) => model)).toEqual(expect.arrayContaining(['mixed', 'over-claude', 'smart']));
    });

    it.each<[object, number, string]>([
      [{ turns: 1 }, 400, 'missing_required_parameter'],
      [{ conversations_per_day: 1, turns: 0 }, 400, 'invalid_value'],
      [{ conversations_per_day: 1, turns: 1.5 }, 400, 'invalid_type'],
      [{ conversations_per_day: 1, turns: 1, cached_share: 2 }, 400, 'invalid_value'],
      [{ conversations_per_day: 1, turns: 1, colour: 1 }, 400, 'unknown_parameter'],
      [{ conversations_per_day: 1, turns: 1, models: ['nobody'] }, 404, 'model_not_found'],
    ])('refuses %j', async (body, status, code) => {
      const answer = await app.post('/v1/cost/estimate', body);
      const { error } = (await answer.json()) as Failure;
      expect([answer.status, error.code]).toEqual([status, code]);
    });
  });
});
