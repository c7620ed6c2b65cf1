import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorOf, ProbeApp } from '../../test/support/probe-app.js';

let probe: ProbeApp;

beforeAll(async () => {
  probe = await ProbeApp.start();
});

afterAll(() => probe.close());

const CHAT = { model: 'fast', messages: [{ role: 'user', content: 'Hi' }] };

describe('chat', () => {
  it('answers whole', async () => {
    const response = await probe.post('/v1/chat/completions', CHAT);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Hello' } }],
    });
    expect(await (await probe.post('/v1/chat', { message: 'Hi' })).json()).toMatchObject({
      reply: 'Hello',
      cost_usd: 0.000003,
    });
  });

  it('streams, without a cost that nobody knows yet', async () => {
    const response = await probe.post('/v1/chat/completions', { ...CHAT, stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache, no-store, no-transform');
    expect(response.headers.get('x-trunkline-provider')).toBe('lab');
    expect(response.headers.get('x-trunkline-cost-usd')).toBeNull();
    const text = await response.text();
    expect(text).toMatch(/^data: \{.*"content":"Hello".*\}\n\ndata: .*\n\ndata: \[DONE\]\n\n$/s);
    const native = await (await probe.post('/v1/chat/stream', { message: 'Hi' })).text();
    expect(native).toContain('"type":"done"');
    expect(native).toContain('"cost_usd":0.000003');
  });

  it('gives a real status to what fails before content, and an error frame to what fails after', async () => {
    const refused = await probe.post('/v1/chat/completions', { ...CHAT, model: 'refuses', stream: true });
    expect([refused.status, (await errorOf(refused)).code]).toEqual([502, 'upstream_unreachable']);
    const cut = await (await probe.post('/v1/chat/completions', { ...CHAT, model: 'breaks', stream: true })).text();
    expect(cut).toContain('"code":"upstream_stream_interrupted"');
    expect(cut).not.toContain('[DONE]');
    const whole = await probe.post('/v1/chat/completions', { ...CHAT, model: 'breaks' });
    expect(whole.status).toBe(502);
  });

  it.each([false, true])('aborts the call when the client leaves (stream: %s)', async (stream) => {
    const { chat } = probe;
    const before = chat.aborted;
    probe.finished.length = 0;
    const leave = new AbortController();
    const body = { ...CHAT, model: 'hangs', stream };
    const pending = probe.post('/v1/chat/completions', body, {}, leave.signal).catch(() => undefined);
    while (chat.hanging === 0) await new Promise((resolve) => setImmediate(resolve));
    leave.abort();
    await pending;
    while (probe.finished.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(chat.aborted).toBe(before + 1);
    expect(probe.finished).toEqual([{ method: 'POST', route: '/v1/chat/completions', status: 499 }]);
  });
});

describe('embeddings and models', () => {
  it('gives vectors in both encodings', async () => {
    const floats = await (await probe.post('/v1/embeddings', { model: 'm', input: ['a', 'b'] })).json();
    expect(floats).toMatchObject({ data: [{ embedding: [1, 0] }, { index: 1 }] });
    const base64 = await (
      await probe.post('/v1/embeddings', { model: 'm', input: 'a', encoding_format: 'base64' })
    ).json();
    expect(base64).toMatchObject({ data: [{ embedding: 'AACAPwAAAAA=' }] });
  });

  it.each(['lab/org/llama', 'lab%2Forg%2Fllama', 'lab%2Forg/llama'])('finds the model %s', async (path) => {
    const response = await probe.get(`/v1/models/${path}`);
    expect(await response.json()).toMatchObject({ id: 'lab/org/llama', object: 'model', owned_by: 'lab' });
  });

  it('says which model there is not', async () => {
    const response = await probe.get('/v1/models/nope');
    expect([response.status, (await errorOf(response)).code]).toEqual([404, 'model_not_found']);
  });
});
