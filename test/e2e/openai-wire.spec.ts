import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { openAiSchemaCheck } from '../support/openai-schemas.js';
import type { TestApp } from '../support/test-app.js';
import { TwoVendors } from '../support/two-vendors.js';

const checkReply = openAiSchemaCheck('CreateChatCompletionResponse');
const checkChunk = openAiSchemaCheck('CreateChatCompletionStreamResponse');
const checkEmbeddings = openAiSchemaCheck('CreateEmbeddingResponse');

const MESSAGES = [{ role: 'user', content: 'Hi' }];
const ENTRY = { token: 'Hi', logprob: -0.5, bytes: [72, 105], top_logprobs: [] };

describe('the wire of the OpenAI routes', () => {
  const vendors = new TwoVendors();
  const { openAi, anthropic } = vendors;
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    ({ app, client } = await vendors.start({
      'over-both': { targets: ['claude/claude-sonnet-5', 'openai/gpt-5.4-mini'] },
    }));
  });

  beforeEach(() => {
    vendors.reset();
  });

  afterAll(async () => {
    await app.close();
    await vendors.stop();
  });

  async function json(body: object): Promise<Record<string, unknown>> {
    const response = await app.post('/v1/chat/completions', { messages: MESSAGES, ...body });
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    return (await response.json()) as Record<string, unknown>;
  }

  async function stream(body: object): Promise<{ text: string; chunks: Record<string, unknown>[] }> {
    const response = await app.post('/v1/chat/completions', { messages: MESSAGES, stream: true, ...body });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const text = await response.text();
    const frames = text.split('\n\n').filter((frame) => frame !== '' && !frame.startsWith(':'));
    expect(frames.pop()).toBe('data: [DONE]');
    return { text, chunks: frames.map((frame) => JSON.parse(frame.slice('data: '.length)) as Record<string, unknown>) };
  }

  describe.each([
    ['OpenAI', 'over-openai', () => openAi],
    ['Anthropic', 'over-claude', () => anthropic],
  ] as const)('over %s', (_vendor, model, provider) => {
    it.each([
      ['a text', { pieces: ['a\u2028b', ' "c"\n', '\u{1F600}'] }],
      [
        'tool calls',
        {
          text: 'Let me see.',
          toolCalls: [
            { name: 'look', arguments: {} },
            { name: 'see', arguments: { a: [1] } },
          ],
        },
      ],
      ['a refusal', { refusal: 'I will not.', finishReason: 'content-filter' as const }],
      ['thinking', { reasoning: 'Hmm.', text: 'Yes.' }],
      ['a cut', { text: 'Half a', finishReason: 'length' as const }],
    ])('is valid for %s, whole and streamed', async (_name, reply) => {
      provider().reply(reply).forever();
      const whole = await json({ model });
      checkReply(whole);
      for (const options of [{}, { stream_options: { include_usage: true } }]) {
        const { chunks } = await stream({ model, ...options });
        chunks.forEach(checkChunk);
        expect(new Set(chunks.map(({ id, created }) => `${String(id)} ${String(created)}`)).size).toBe(1);
      }
    });
  });

  it('keeps what it does not know of a reply that says no usage', async () => {
    openAi.editJson(({ usage: _, ...body }) => ({ ...body, x_vendor: 1 }), { text: 'Hi' });
    const whole = await json({ model: 'over-openai' });
    expect(whole).toMatchObject({ x_vendor: 1, system_fingerprint: 'fp_fake', usage: { completion_tokens: 1 } });
    checkReply(whole);
  });

  it('keeps the id of an upstream that leaves other members out', async () => {
    openAi.editJson(({ created: _, ...body }) => ({ ...body, id: 'gen-1' }), { text: 'Hi' });
    expect((await json({ model: 'over-openai' })).id).toBe('gen-1');
  });

  it('gives several choices where a target can, and says that it cannot where none can', async () => {
    const both = await app.post('/v1/chat/completions', { model: 'over-both', messages: MESSAGES, n: 2 });
    expect(both.headers.get('x-trunkline-attempts')).toBe('1');
    expect(await both.json()).toMatchObject({ choices: [{ index: 0 }, { index: 1 }] });
    const alone = await app.post('/v1/chat/completions', { model: 'over-claude', messages: MESSAGES, n: 2 });
    expect(alone.status).toBe(400);
    expect(alone.headers.get('x-trunkline-attempts')).toBeNull();
    expect(await alone.json()).toMatchObject({ error: { code: 'unsupported_capability', param: 'n' } });
    expect(anthropic.requests).toHaveLength(0);
  });

  it('relays log probabilities, whole and streamed', async () => {
    openAi.editJson((body) => {
      (body.choices as { logprobs: object }[]).forEach(
        (choice) => (choice.logprobs = { content: [ENTRY], refusal: null }),
      );
      return body;
    });
    const asked = await client.chat.completions.create({
      model: 'over-openai',
      n: 2,
      logprobs: true,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect(asked.choices.map((choice) => choice.logprobs?.content)).toEqual([[ENTRY], [ENTRY]]);
    expect(openAi.requests.at(-1)?.body).toMatchObject({ n: 2, logprobs: true });
  });

  it.each(['openai/text-embedding-3-small', 'lab/some-embedder'])('relays embeddings of %s whole', async (model) => {
    openAi.editJson((body) => ({
      ...body,
      x_vendor: { deep: [1] },
      data: (body.data as object[]).map((item) => ({ ...item, x_item: 1 })).reverse(),
      usage: { ...(body.usage as object), x_cost: 0.1 },
    }));
    const response = await app.post('/v1/embeddings', { model, input: ['a', 'b'], x_param: 1 });
    const body = (await response.json()) as { data: { index: number }[] };
    checkEmbeddings(body);
    expect(body).toMatchObject({ object: 'list', x_vendor: { deep: [1] }, usage: { x_cost: 0.1 } });
    expect(body.data).toMatchObject([
      { index: 0, x_item: 1 },
      { index: 1, x_item: 1 },
    ]);
    expect(openAi.requests.at(-1)?.body).toMatchObject({ x_param: 1 });
  });

  it('gives floats as the upstream wrote them', async () => {
    openAi.editJson((body) => ({ ...body, data: [{ object: 'embedding', index: 0, embedding: [0.1, -0.006929283] }] }));
    const response = await app.post('/v1/embeddings', {
      model: 'openai/text-embedding-3-small',
      input: 'a',
      dimensions: 2,
    });
    expect(await response.text()).toContain('[0.1,-0.006929283]');
  });

  it('keeps what it does not know of embeddings that say no usage', async () => {
    openAi.editJson(({ usage: _, ...body }) => ({ ...body, x_vendor: 1 }));
    const body: unknown = await (
      await app.post('/v1/embeddings', { model: 'openai/text-embedding-3-small', input: 'a word' })
    ).json();
    expect(body).toMatchObject({ x_vendor: 1, usage: { prompt_tokens: 2, total_tokens: 2 } });
  });
});
