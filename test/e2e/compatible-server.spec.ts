import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { ScriptedServer } from '../contract/adapters/scripted-server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const HEAD = { id: 'c-1', object: 'chat.completion.chunk', created: 1, model: 'm' };
const CHUNKS = [
  { ...HEAD, choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' }, finish_reason: null }] },
  { ...HEAD, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
];

describe('a compatible server that cannot be asked for the usage of a stream', () => {
  const server = new ScriptedServer();
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    await server.start();
    server.answer = (response, { body }) => {
      if (body.stream_options === undefined) {
        const frames = CHUNKS.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
        response.setHeader('content-type', 'text/event-stream').end(`${frames}data: [DONE]\n\n`);
        return;
      }
      const error = { message: 'Unknown argument: stream_options', type: 'invalid_request_error' };
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    };
    app = await startTestApp({
      gateway: { providers: { lab: { type: 'openai-compatible', base_url: `${server.url}/v1`, models: ['m', 'n'] } } },
    });
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  async function ask(model: string): Promise<{ text: string; attempts: string | null; usage: unknown }> {
    const { data, response } = await client.chat.completions
      .create({
        model,
        stream: true,
        stream_options: { include_usage: true },
        messages: [{ role: 'user', content: 'Hi' }],
      })
      .withResponse();
    let text = '';
    let usage: unknown = null;
    for await (const chunk of data) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    return { text, attempts: response.headers.get('x-trunkline-attempts'), usage };
  }

  it('is asked twice the first time, which is told, and once from then on; the usage is counted here', async () => {
    const before = server.requests.length;
    expect(await ask('m')).toEqual({ text: 'Hello', attempts: '2', usage: expect.anything() });
    expect(await ask('m')).toEqual({ text: 'Hello', attempts: '1', usage: expect.anything() });
    expect(server.requests.length - before).toBe(3);
  });

  it('learns it with many requests at once, none of which fails', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask('n')));
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['Hello']));
  });
});
