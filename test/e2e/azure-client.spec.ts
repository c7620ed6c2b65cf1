import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const MESSAGES = [{ role: 'user' as const, content: 'Good morning' }];

describe('the official openai client over Azure OpenAI', () => {
  const fake = new FakeOpenAi({ azureDeployments: ['prod', 'vectors', 'stray'] });
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    await fake.start();
    app = await startTestApp({
      gateway: {
        providers: {
          azure: {
            type: 'azure-openai',
            base_url: fake.origin,
            api_keys: ['azure-fake-key'],
            api_version: '2024-10-21',
            deployments: { prod: 'gpt-4o', vectors: 'text-embedding-3-small' },
          },
          'azure-v1': { type: 'azure-openai', base_url: `${fake.origin}/openai/v1/`, api_keys: ['azure-fake-key'] },
        },
        models: {
          house: { targets: ['azure/prod'] },
          modern: { targets: ['azure-v1/prod'] },
          embedder: { targets: ['azure/vectors'] },
        },
      },
    });
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  });

  beforeEach(() => {
    fake.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await fake.stop();
  });

  it.each([
    ['house', '/openai/deployments/prod/chat/completions?api-version=2024-10-21'],
    ['modern', '/openai/v1/chat/completions'],
  ])('answers by %s with what the content filter said', async (model, path) => {
    fake.reply({ text: 'Good morning to you.', usage: { input: 1_000, output: 500 } });
    const { data, response } = await client.chat.completions.create({ model, messages: MESSAGES }).withResponse();
    expect(data.choices[0]?.message.content).toBe('Good morning to you.');
    expect(data).toHaveProperty('prompt_filter_results');
    expect(data.choices[0]).toHaveProperty('content_filter_results');
    expect(fake.requests.at(-1)?.path).toBe(path);
    // The deployment is priced as the model that it serves, and one that nobody mapped is not priced.
    const cost = response.headers.get('x-trunkline-cost-usd');
    expect(Number(cost)).toBe(model === 'house' ? 0.0075 : 0);
    expect(cost === null).toBe(model === 'modern');
  });

  it('streams, beginning with what the filter said of the prompt', async () => {
    fake.reply({ pieces: ['One', ' two'] });
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({
      model: 'house',
      stream: true,
      messages: MESSAGES,
    })) {
      chunks.push(chunk);
    }
    expect(chunks[0]).toMatchObject({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('One two');
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(new Set(chunks.map((chunk) => chunk.object))).toEqual(new Set(['chat.completion.chunk']));
  });

  it('F35: passes on that the content filter refused the prompt, and asks once', async () => {
    fake.failAs('content-filter');
    const asking = client.chat.completions.create({ model: 'house', messages: MESSAGES });
    await expect(asking).rejects.toMatchObject({ status: 400, code: 'content_filter' });
    expect(fake.requests).toHaveLength(1);
  });

  it('F15: a deployment that is gone is not the fault of the client, unless the client thought it up', async () => {
    fake.failWith(404, { error: { code: 'DeploymentNotFound', message: 'The API deployment does not exist.' } });
    await expect(client.chat.completions.create({ model: 'house', messages: MESSAGES })).rejects.toMatchObject({
      status: 502,
      code: 'upstream_model_unavailable',
    });
    await expect(client.chat.completions.create({ model: 'azure/none', messages: MESSAGES })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });

  it.each(['azure/..', 'azure/../../secrets', 'azure/prod?api-version=1'])(
    'the name %s reaches no other address',
    async (model) => {
      await expect(client.chat.completions.create({ model, messages: MESSAGES })).rejects.toMatchObject({
        status: 404,
        code: 'model_not_found',
      });
      for (const { path } of fake.requests) {
        expect(path).toMatch(/^\/openai\/deployments\/[^/?]+\/chat\/completions\?api-version=2024-10-21$/);
      }
    },
  );

  it('embeds', async () => {
    const { data } = await client.embeddings.create({ model: 'embedder', input: ['one', 'two'] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([1536, 1536]);
    expect(fake.requests.at(-1)?.path).toBe('/openai/deployments/vectors/embeddings?api-version=2024-10-21');
  });

  it('F45: vectors of another length than the model behind the deployment has are malformed', async () => {
    fake
      .editJson((body) => {
        for (const item of body.data as { embedding: unknown }[]) item.embedding = [1, 0, 0];
        return body;
      })
      .times(3);
    await expect(client.embeddings.create({ model: 'embedder', input: 'one' })).rejects.toMatchObject({
      status: 502,
      code: 'malformed_response',
    });
  });

  it('lists the deployments with what the catalogue knows of the models behind them', async () => {
    const listed = (await (await app.get('/v1/models')).json()) as { data: { id: string; [key: string]: unknown }[] };
    const ids = listed.data.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['azure/prod', 'azure/vectors']));
    expect(ids.filter((id) => id.startsWith('azure/'))).toEqual(['azure/prod', 'azure/vectors']);
    expect(JSON.stringify(listed.data.find(({ id }) => id === 'azure/prod'))).toContain('128000');
  });
});
