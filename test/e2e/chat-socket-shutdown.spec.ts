import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drainAndClose } from '../../src/shutdown.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { ChatSocketClient } from '../support/chat-socket.js';
import { handshake, RawWebSocket } from '../support/raw-web-socket.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const ASK = { model: 'lab/llama', message: 'Count to three' };

describe('O10 the chat socket when the server stops', () => {
  const provider = new FakeOpenAi();
  let app: TestApp;

  beforeAll(async () => {
    await provider.start();
    app = await startTestApp({
      gateway: { providers: { lab: { type: 'openai-compatible', base_url: provider.url, api_keys: ['sk-lab'] } } },
      env: { DRAIN_SECONDS: '2' },
    });
  });

  afterAll(async () => {
    await app.close();
    await provider.stop();
  });

  const open = (): Promise<ChatSocketClient> => ChatSocketClient.open(app.url, app.adminKey);

  it('closes idle sockets at once, the others after their answers, and says why the longest ones end', async () => {
    const [idle, short, long] = [await open(), await open(), await open()];
    const rude = await RawWebSocket.connect(app.url, handshake(`X-API-Key: ${app.adminKey}`)).opened();
    const gate = provider.stallAfter(1, { pieces: ['All', ' of it.'] });
    short.send({ type: 'message', id: 'short', ...ASK });
    await short.find(({ type }) => type === 'delta');
    provider.stallAfter(1, { pieces: ['Not', ' all'] });
    long.send({ type: 'message', id: 'long', ...ASK });
    await long.find(({ type }) => type === 'delta');

    const closing = drainAndClose(app.nest);
    const reason = 'The server is shutting down. Connect again.';
    expect(await idle.closed).toEqual({ code: 1001, reason });
    expect(await short.ask('late', ASK)).toMatchObject({ status: 503, error: { code: 'server_shutting_down' } });
    gate.release();
    expect(await short.end('short')).toMatchObject({ type: 'done' });
    expect(await short.closed).toEqual({ code: 1001, reason });
    expect(short.textOf('short')).toBe('All of it.');
    expect(await long.end('long')).toMatchObject({ status: 503, error: { code: 'server_shutting_down' } });
    expect(await long.closed).toEqual({ code: 1001, reason });
    // It never answers the close frame, and holds nobody up.
    expect(rude.closeCode).toBe(1001);
    await closing;
    await rude.closed();
    expect(rude.isEnded).toBe(true);
  });
});
