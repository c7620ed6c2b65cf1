import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type FunctionCall, type GenerateContentResponse, GoogleGenAI } from '@google/genai';
import { FakeGemini } from './fake-gemini.js';

const fake = new FakeGemini();
let client: GoogleGenAI;

beforeAll(async () => {
  await fake.start();
  // A fetch of one's own, because the client's asks for a part of Node that is not there in the tests' own context.
  const httpOptions = { baseUrl: fake.url, fetch: (...args: Parameters<typeof fetch>) => fetch(...args) };
  client = new GoogleGenAI({ apiKey: 'AIza-test', httpOptions });
});
beforeEach(() => {
  fake.reset();
});
afterAll(() => fake.stop());

const model = 'gemini-2.5-flash';
const body = { model, contents: 'one two', config: { systemInstruction: 'Be brief.' } };

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

// The client's own getter warns of every other part.
function textOf({ candidates }: GenerateContentResponse): string {
  const parts = candidates?.[0]?.content?.parts ?? [];
  return parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join('');
}

describe('FakeGemini answers like Gemini', () => {
  it('gives the same answer in both wire modes', async () => {
    const reply = {
      text: 'Looking it up.',
      reasoning: 'They want weather.',
      toolCalls: [{ id: 'a1', name: 'weather', arguments: { city: 'Rome' } }],
      usage: { input: 5, cachedInput: 100, output: 9, reasoning: 4 },
    };
    fake.reply(reply).times(2);
    const whole = await client.models.generateContent(body);
    let text = '';
    const calls: FunctionCall[] = [];
    let last;
    for await (const chunk of await client.models.generateContentStream(body)) {
      text += textOf(chunk);
      calls.push(...(chunk.functionCalls ?? []));
      last = chunk;
    }
    expect(textOf(whole)).toBe('Looking it up.');
    expect(text).toBe(textOf(whole));
    expect(whole.functionCalls).toEqual([{ id: 'a1', name: 'weather', args: { city: 'Rome' } }]);
    expect(calls).toEqual(whole.functionCalls);
    expect(last?.candidates?.[0]?.finishReason).toBe('STOP');
    expect(last?.usageMetadata).toEqual(whole.usageMetadata);
    expect(whole.usageMetadata).toMatchObject({
      promptTokenCount: 105,
      cachedContentTokenCount: 100,
      candidatesTokenCount: 9,
      thoughtsTokenCount: 4,
      totalTokenCount: 118,
    });
  });

  it('echoes, cuts the echo, and counts and embeds', async () => {
    const cut = await client.models.generateContent({ ...body, config: { maxOutputTokens: 2 } });
    expect(cut.text).toBe('Echo: one');
    expect(cut.candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
    expect((await client.models.countTokens({ model, contents: 'one two' })).totalTokens).toBe(2);
    const embedded = await client.models.embedContent({
      model: 'gemini-embedding-001',
      contents: ['a', 'b'],
      config: { outputDimensionality: 16 },
    });
    expect(embedded.embeddings?.map(({ values }) => values?.length)).toEqual([16, 16]);
  });

  it.each([
    ['begins with the model', [{ role: 'model', parts: [{ text: 'Hi' }] }]],
    ['answers no call', [{ role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] }]],
    [
      'lost a signature',
      [
        { role: 'user', parts: [{ text: 'Hi' }] },
        { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] },
      ],
    ],
  ])('refuses a conversation that %s', async (_what, contents) => {
    const asked = client.models.generateContent({ model: 'gemini-3-pro-preview', contents });
    expect(await outcome(asked)).toMatchObject({ status: 400 });
  });

  it('wants a key or a token of its own', async () => {
    const post = (path: string, headers: Record<string, string>): Promise<Response> =>
      fetch(`${fake.url}${path}:generateContent`, { method: 'POST', headers, body: '{}' });
    expect((await post('/v1beta/models/m', {})).status).toBe(403);
    expect((await post('/v1beta/models/m', { 'x-goog-api-key': 'invalid' })).status).toBe(400);
    const place = '/v1/projects/p/locations/l/publishers/google/models/m';
    expect((await post(place, { authorization: 'Bearer stolen' })).status).toBe(401);
    expect((await fetch(fake.tokenUrl, { method: 'POST', body: '' })).status).toBe(400);
    const given = await fetch(fake.tokenUrl, { method: 'POST', body: new URLSearchParams({ assertion: 'x' }) });
    expect(await given.json()).toMatchObject({ access_token: expect.stringMatching(/^ya29\.fake-/), expires_in: 3600 });
    expect(fake.tokenRequests).toHaveLength(2);
    expect(fake.modelRequests).toHaveLength(3);
  });
});

describe('FakeGemini fails as scripted', () => {
  it('says what it was told to say, of models and of tokens apart', async () => {
    fake.failAs('overloaded');
    fake.tokens.failWith(503);
    expect(await outcome(client.models.generateContent(body))).toMatchObject({ status: 503 });
    expect((await fetch(fake.tokenUrl, { method: 'POST', body: 'assertion=x' })).status).toBe(503);
    expect((await client.models.generateContent(body)).text).toBe('Echo: one two');
  });

  it('leaves usage out where it was told to', async () => {
    fake.noUsage().times(2);
    expect((await client.models.generateContent(body)).usageMetadata).toBeUndefined();
    for await (const chunk of await client.models.generateContentStream(body)) {
      expect(chunk.usageMetadata).toBeUndefined();
    }
  });
});
