import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { checkHaProxy, HaProxy, hasHaProxy } from '../../support/haproxy.js';
import { rawRequest, sendRaw } from '../../support/raw-http.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { until } from './replica-bench.js';

const isThere = hasHaProxy();
if (!isThere) process.stderr.write('haproxy is not installed: its configuration is not tested.\n');

// Processes that drain or die behind it: test/soak/haproxy.spec.ts.
(isThere ? describe : describe.skip)('docker/proxy/haproxy.cfg', () => {
  const lab = new FakeOpenAi();
  let app: TestApp;
  let proxy: HaProxy;

  beforeAll(async () => {
    await lab.start();
    app = await startTestApp({
      gateway: {
        providers: { lab: { type: 'openai-compatible', base_url: lab.url, api_keys: ['sk-lab'] } },
        models: { chat: { targets: ['lab/any'] } },
      },
      env: { TRUST_PROXY: '1' },
    });
    const { host } = new URL(app.url);
    proxy = await HaProxy.start([host, host]);
    await until(
      () => proxy.states().catch(() => ({})),
      (states: Record<string, string>) => Object.values(states).join() === 'UP,UP',
    );
  });
  beforeEach(() => {
    lab.reset();
  });
  afterAll(async () => {
    await proxy.stop();
    await app.close();
    await lab.stop();
  });

  it('is valid', () => {
    const places = { apis: ['127.0.0.1:3001', '127.0.0.1:3002'], port: 8_080, statusPort: 8_404 } as const;
    expect(checkHaProxy(places)).toMatchObject({ status: 0 });
  });

  it('lets a stream through as it comes', async () => {
    const stalled = lab.stallAfter(1, { pieces: ['One ', 'two'] });
    const answer = await fetch(`${proxy.url}/v1/chat/stream`, {
      method: 'POST',
      headers: { authorization: `Bearer ${app.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: 'Count', model: 'chat' }),
    });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    // The rest is sent only when the first piece has come through.
    while (!text.includes('One ')) text += Buffer.from((await reader.read()).value ?? []).toString();
    expect(text).not.toContain('two');
    stalled.release();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read())
      text += Buffer.from(piece.value).toString();
    expect(text).toContain('two');
  });

  it.each(['/metrics', '/METRICS', '/metrics/', '/metrics?a=b', '//metrics', '/%6detrics', '/metrics%2f'])(
    'keeps %s for those inside',
    async (path) => {
      // As it is written: a URL would be tidied up.
      const { status, body } = await sendRaw(proxy.url, rawRequest(`GET ${path}`, ['Connection: close']));
      expect([path, status]).toEqual([path, 404]);
      expect(body).not.toContain('trunkline_');
    },
  );
});
