import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const SIMPLE = 'What is the capital of France?';
const DEMANDING = 'Write a Python function that sorts a list.';
const TOO_LONG = { error: { message: 'Too long.', type: 'invalid_request_error', code: 'context_length_exceeded' } };

interface Asked {
  readonly text: string | null;
  readonly headers: Headers;
}

describe('routing', () => {
  const one = new FakeOpenAi();
  const two = new FakeOpenAi();
  const three = new FakeOpenAi();
  const all = [one, two, three];
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    await Promise.all(all.map((fake) => fake.start()));
    const provider = (fake: FakeOpenAi): object => ({
      type: 'openai-compatible',
      base_url: fake.url,
      api_keys: ['sk-fake'],
    });
    app = await startTestApp({
      gateway: {
        providers: { one: provider(one), two: provider(two), three: provider(three) },
        models: {
          weighted: { targets: [{ model: 'one/w', weight: 3 }, 'two/w'], routing: 'weighted' },
          price: { targets: ['one/p', 'two/p', 'three/p'], routing: 'price' },
          latency: { targets: ['one/l', 'two/l'], routing: 'latency' },
          auto: {
            targets: [
              { model: 'one/big', tier: 'large' },
              { model: 'two/mini', tier: 'small' },
            ],
            routing: 'auto',
          },
          'auto-by-price': { targets: ['three/p', 'one/p', 'two/p'], routing: 'auto' },
          long: { targets: ['one/short', 'two/short'], context_fallback: ['three/long'] },
          short: { targets: ['one/short', 'two/short'] },
          vectors: { kind: 'embeddings', targets: ['one/embed', 'two/embed'], routing: 'price' },
        },
        prices: {
          'one/p': { input: 1, output: 10 },
          'two/p': { input: 4, output: 4 },
          'one/embed': { input: 2, output: 0 },
          'two/embed': { input: 1, output: 0 },
        },
      },
    });
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  });

  beforeEach(() => {
    for (const fake of all) fake.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all(all.map((fake) => fake.stop()));
  });

  async function ask(
    model: string,
    content: string,
    rest: Partial<OpenAI.Chat.ChatCompletionCreateParamsNonStreaming> = {},
  ): Promise<Asked> {
    const { data, response } = await client.chat.completions
      .create({ model, messages: [{ role: 'user', content }], ...rest })
      .withResponse();
    return { text: data.choices[0]?.message.content ?? null, headers: response.headers };
  }

  async function askStreamed(model: string, content: string): Promise<Asked> {
    const { data, response } = await client.chat.completions
      .create({ model, messages: [{ role: 'user', content }], stream: true })
      .withResponse();
    let text = '';
    for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? '';
    return { text, headers: response.headers };
  }

  const served = (): number[] => all.map((fake) => fake.requests.length);

  it('weighted: each target gets its share, and stands in for the other', async () => {
    for (let count = 0; count < 80; count += 1) await ask('weighted', 'Hi');
    const [first = 0, second = 0] = served();
    expect(first + second).toBe(80);
    // Three quarters, give or take five standard deviations.
    expect(first).toBeGreaterThan(40);
    expect(second).toBeGreaterThan(1);
    one.failWith(401).forever();
    for (let count = 0; count < 5; count += 1) {
      expect((await ask('weighted', 'Hi')).headers.get('x-trunkline-provider')).toBe('two');
    }
  });

  it('price: the cheapest for this very request, the next when it fails', async () => {
    expect((await ask('price', 'Hi')).headers.get('x-trunkline-provider')).toBe('two');
    expect((await ask('price', 'word '.repeat(4_000))).headers.get('x-trunkline-provider')).toBe('one');
    two.failWith(401);
    const { headers } = await ask('price', 'Hi');
    expect([headers.get('x-trunkline-provider'), headers.get('x-trunkline-attempts')]).toEqual(['one', '2']);
    expect(headers.get('x-trunkline-route')).toBeNull();
    expect(three.requests).toHaveLength(0);
  });

  it('price: of embeddings as well', async () => {
    await client.embeddings.create({ model: 'vectors', input: 'word' });
    expect(served()).toEqual([0, 1, 0]);
  });

  it('latency: the one that answers sooner', async () => {
    one.slowFirst(150).forever();
    for (let count = 0; count < 10; count += 1) await ask('latency', 'Hi');
    expect(one.requests.length).toBeLessThanOrEqual(2);
    expect(two.requests.length).toBeGreaterThanOrEqual(8);
  });

  it.each([
    ['auto', SIMPLE, 'two', 'auto; tier=small; reason=simple'],
    ['auto', DEMANDING, 'one', 'auto; tier=large; reason=code'],
    ['auto-by-price', SIMPLE, 'one', 'auto; tier=small; reason=simple'],
    ['auto-by-price', DEMANDING, 'three', 'auto; tier=large; reason=code'],
  ])('%s: %s', async (model, prompt, provider, route) => {
    for (const { headers, text } of [await ask(model, prompt), await askStreamed(model, prompt)]) {
      expect(headers.get('x-trunkline-provider')).toBe(provider);
      expect(headers.get('x-trunkline-route')).toBe(route);
      expect(text).toMatch(/^Echo/);
    }
  });

  it('auto: tools go to the large model, and a large one that fails is replaced by the small', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'weather' } }];
    const able = await ask('auto', SIMPLE, { tools });
    expect(able.headers.get('x-trunkline-route')).toBe('auto; tier=large; reason=tools');
    one.failWith(401);
    const { headers } = await ask('auto', DEMANDING);
    expect(headers.get('x-trunkline-provider')).toBe('two');
    expect(headers.get('x-trunkline-route')).toBe('auto; tier=large; reason=code');
  });

  describe.each([false, true])('F14 (stream: %s)', (stream) => {
    const send = (model: string): Promise<Asked> => (stream ? askStreamed(model, 'Hi') : ask(model, 'Hi'));

    it('a prompt that is too long goes to the fallback, past the other targets', async () => {
      one.failWith(400, TOO_LONG);
      const { headers, text } = await send('long');
      expect(text).toMatch(/^Echo/);
      expect(headers.get('x-trunkline-model')).toBe('three/long');
      expect(headers.get('x-trunkline-attempts')).toBe('2');
      expect(served()).toEqual([1, 0, 1]);
      expect(await app.ledgerRow(headers.get('x-request-id') ?? '')).toMatchObject({
        status: 'succeeded',
        provider: 'three',
        attempts: [{ outcome: 'failed' }, { outcome: 'succeeded' }],
      });
    });

    it('it is refused when the fallback finds it too long as well, and where there is none', async () => {
      one.failWith(400, TOO_LONG);
      three.failWith(400, TOO_LONG);
      await expect(send('long')).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
      expect(served()).toEqual([1, 0, 1]);
      one.failWith(400, TOO_LONG);
      await expect(send('short')).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
      expect(served()).toEqual([2, 0, 1]);
    });
  });
});
