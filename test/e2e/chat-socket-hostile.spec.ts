import { once } from 'node:events';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FailedAuthenticationLimit } from '../../src/auth/failed-authentication-throttle.js';
import { ChatSocketLimits } from '../../src/chat-api/websocket/chat-socket-limits.js';
import { ChatSockets } from '../../src/chat-api/websocket/chat-sockets.service.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { ChatSocketClient, refusalOf } from '../support/chat-socket.js';
import { sendRaw } from '../support/raw-http.js';
import { handshake, rawFrame, RawWebSocket } from '../support/raw-web-socket.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const LIMIT = 64 * 1024;
const ASK = { model: 'lab/llama', message: 'Count to three' };
const text = (id: string, body: object = ASK): string => JSON.stringify({ type: 'message', id, ...body });

describe('H29 hostile clients of the chat socket', () => {
  const openAi = new FakeOpenAi();
  let app: TestApp;
  let key: string;

  beforeAll(async () => {
    await openAi.start();
    app = await startTestApp({
      env: { BODY_LIMIT: String(LIMIT) },
      gateway: { providers: { lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-fake'] } } },
    });
    key = await app.createKey();
  });

  beforeEach(() => {
    openAi.reset();
    Object.assign(app.nest.get(ChatSocketLimits), new ChatSocketLimits());
  });

  afterAll(async () => {
    // The server is as it was: it answers, and holds nothing of those that were sent away.
    const client = await ChatSocketClient.open(app.url, key);
    expect(await client.ask('last', ASK)).toMatchObject({ type: 'done' });
    await client.close();
    await untilAllAreGone();
    await app.close();
    await openAi.stop();
  });

  async function untilAllAreGone(): Promise<void> {
    while (app.nest.get(ChatSockets).size > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  const open = async (...frames: Uint8Array[]): Promise<RawWebSocket> => {
    const socket = await RawWebSocket.connect(app.url, handshake(`X-API-Key: ${key}`)).opened();
    expect(socket.head).toMatch(/^HTTP\/1\.1 101 /);
    for (const frame of frames) socket.write(frame);
    return socket;
  };

  it('H29 A01 A08 refuses the upgrade as any other request', async () => {
    const narrow = await app.createKey({ scopes: ['embeddings'] });
    const forms = (secret: string): object[] => [
      { headers: { authorization: `Bearer ${secret}` } },
      { headers: { 'x-api-key': secret } },
      { protocols: ['trunkline', `key.${secret}`] },
    ];
    const cases: [string, object, number, string][] = [
      [app.url, {}, 401, 'missing_api_key'],
      [`${app.url}/v1/chat/ws?key=${key}&api_key=${key}`, {}, 401, 'missing_api_key'],
      [app.url, { protocols: ['trunkline'] }, 401, 'missing_api_key'],
      [app.url, { headers: { authorization: 'Basic x' } }, 401, 'invalid_api_key'],
      [
        app.url,
        { headers: { authorization: 'Bearer other' }, protocols: ['trunkline', `key.${key}`] },
        401,
        'ambiguous_credentials',
      ],
      [app.url, { protocols: ['trunkline', 'key.one', 'key.two'] }, 401, 'ambiguous_credentials'],
      ...forms('tl_nothing').map((form): [string, object, number, string] => [app.url, form, 401, 'invalid_api_key']),
      ...forms(narrow).map((form): [string, object, number, string] => [app.url, form, 403, 'insufficient_scope']),
      [app.url, { protocols: [`key.${key}`] }, 400, 'invalid_value'],
      [`${app.url}/v1/chat/nothing`, { headers: { 'x-api-key': key } }, 404, 'not_found'],
    ];
    for (const [url, options, status, code] of cases) {
      const refused = await refusalOf(url, options);
      expect([options, refused.status, refused.code]).toEqual([options, status, code]);
      expect(refused.headers).toMatchObject({
        'x-request-id': expect.stringMatching(/^req_/),
        'content-type': 'application/json; charset=utf-8',
        connection: 'close',
      });
      expect(refused.body).not.toContain(key);
    }
    expect(openAi.requests).toEqual([]);
  });

  it.each<[string, number, () => Uint8Array[]]>([
    ['a frame of 64 MB, at its head', 1009, () => [rawFrame('', { announced: 64 * 1024 ** 2 })]],
    ['a frame of 2^63 bytes', 1009, () => [rawFrame('', { announced: 2 ** 53 })]],
    ['a message one byte too large', 1009, () => [rawFrame(' '.repeat(LIMIT + 1))]],
    [
      'a message that is too large in pieces',
      1009,
      () => [rawFrame(' '.repeat(LIMIT), { fin: false }), rawFrame(' ', { opcode: 0, fin: false })],
    ],
    ['a binary message', 1008, () => [rawFrame(text('a'), { opcode: 2 })]],
    ['UTF-8 that is none', 1007, () => [rawFrame(Buffer.from([0x22, 0xff, 0x22]))]],
    ['a compressed message', 1002, () => [rawFrame(deflateRawSync(' '.repeat(1024 ** 2)), { rsv1: true })]],
    ['an opcode that nobody knows', 1002, () => [rawFrame('', { opcode: 5 })]],
    ['a ping that is too long', 1002, () => [rawFrame(' '.repeat(126), { opcode: 9 })]],
    ['a piece of nothing', 1002, () => [rawFrame('a', { opcode: 0 })]],
    ['a close frame with half a code', 1002, () => [rawFrame(Buffer.from([3]), { opcode: 8 })]],
    ['no mask', 1002, () => [Buffer.from([0x81, 0x02, 0x7b, 0x7d])]],
  ])('closes on %s', async (_name, code, frames) => {
    expect(await (await open(...frames())).closed()).toBe(code);
    expect(openAi.requests).toEqual([]);
  });

  it('takes a message of exactly the limit, in pieces too', async () => {
    const message = text('a').padEnd(LIMIT, ' ');
    const client = await open(rawFrame(message));
    expect(await client.text(0)).toMatch(/"type":"start"/);
    const pieces = [message.slice(0, 10), message.slice(10, 20), message.slice(20)];
    const again = await open(
      ...pieces.map((piece, index) => rawFrame(piece, { opcode: index === 0 ? 1 : 0, fin: index === 2 })),
    );
    expect(await again.text(0)).toMatch(/"type":"start"/);
    for (const socket of [client, again]) socket.socket.destroy();
  });

  it('closes on a million pieces, long before the last of them', async () => {
    const socket = await open(rawFrame('', { fin: false }));
    const pieces = Buffer.concat(Array.from({ length: 1_000 }, () => rawFrame('', { opcode: 0, fin: false })));
    let sent = 0;
    while (sent < 1_000 && socket.closeCode === null && !socket.isEnded) {
      sent += 1;
      if (!socket.write(pieces)) await Promise.race([once(socket.socket, 'drain'), socket.closed()]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await socket.closed()).toBe(1008);
    expect(sent).toBeLessThan(1_000);
  });

  it('closes on a flood of pings', async () => {
    const socket = await open(Buffer.concat(Array.from({ length: 10_000 }, () => rawFrame('', { opcode: 9 }))));
    expect([1008, null]).toContain(await socket.closed());
    const polite = await ChatSocketClient.open(app.url, key);
    for (let count = 0; count < 50; count += 1) polite.socket.ping();
    expect(await polite.ask('a', ASK)).toMatchObject({ type: 'done' });
    await polite.close();
  });

  it('closes on a flood of messages that are none', async () => {
    const socket = await open(Buffer.concat(Array.from({ length: 1_000 }, () => rawFrame('{'))));
    expect(JSON.parse(await socket.text(99))).toMatchObject({ error: { code: 'invalid_json' } });
    expect(await socket.closed()).toBe(1008);
    expect(await socket.text(101)).toBe('');
  });

  it('grants no compression', async () => {
    const offer = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits';
    const socket = await RawWebSocket.connect(app.url, handshake(`X-API-Key: ${key}`, offer)).opened();
    expect(socket.head).toMatch(/^HTTP\/1\.1 101 /);
    expect(socket.head.toLowerCase()).not.toContain('extensions');
    socket.socket.destroy();
  });

  it('hears nothing of a message that comes before the key is known to be good', async () => {
    const early = Buffer.concat([Buffer.from(handshake()), rawFrame(text('early'))]);
    const refused = await sendRaw(app.url, early);
    expect([refused.status, refused.isClosed]).toEqual([401, true]);
    expect(refused.body).toContain('missing_api_key');
    expect(openAi.requests).toEqual([]);
    const patient = Buffer.concat([Buffer.from(handshake(`X-API-Key: ${key}`)), rawFrame(text('early'))]);
    const socket = RawWebSocket.connect(app.url, patient);
    expect(await socket.text(0)).toMatch(/"id":"early","type":"start"/);
    socket.socket.destroy();
  });

  it.each<[string, string, number, string]>([
    ['a key of the wrong length', 'Sec-WebSocket-Key: AAAA', 400, 'invalid_value'],
    ['another version', 'Sec-WebSocket-Version: 12', 400, 'invalid_value'],
    ['a list of protocols that is none', 'Sec-WebSocket-Protocol: trunkline, trunkline', 400, 'invalid_value'],
  ])('refuses a handshake with %s', async (_name, line, status, code) => {
    const name = line.split(':')[0] ?? '';
    const lines = handshake(`X-API-Key: ${key}`)
      .split('\r\n')
      .filter((header) => !header.startsWith(name));
    lines.splice(1, 0, line);
    const refused = await sendRaw(app.url, lines.join('\r\n'));
    expect([refused.status, refused.isClosed]).toEqual([status, true]);
    expect(JSON.parse(refused.body)).toMatchObject({ error: { code, message: expect.stringContaining('handshake') } });
    expect(refused.headers['x-request-id']).toMatch(/^req_/);
  });

  it('answers requests that offer another protocol as if they did not, also those with a body', async () => {
    const body = JSON.stringify({ model: 'local/extractive', message: 'Hi' });
    const offer = ['Host: a', 'Connection: Upgrade, HTTP2-Settings, close', 'Upgrade: h2c', 'HTTP2-Settings: AA'];
    const head = (line: string, ...more: string[]): string =>
      `${[line, ...offer, `X-API-Key: ${key}`, ...more].join('\r\n')}\r\n\r\n`;
    const sized = ['Content-Type: application/json', `Content-Length: ${String(body.length)}`];
    expect(await sendRaw(app.url, head('GET /v1/models HTTP/1.1'))).toMatchObject({ status: 200, isClosed: true });
    const post = head('POST /v1/chat HTTP/1.1', ...sized);
    expect(await sendRaw(app.url, post + body)).toMatchObject({ status: 200, isClosed: true });
  });

  it('gives up a client that does not answer pings, and keeps those that do', async () => {
    await untilAllAreGone();
    const sockets = app.nest.get(ChatSockets);
    const alive = await ChatSocketClient.open(app.url, key);
    const dead = await ChatSocketClient.open(app.url, key, { autoPong: false });
    for (let beats = 0; beats < 3; beats += 1) {
      const pinged = once(alive.socket, 'ping');
      sockets.beat();
      await pinged;
      // What is answered after the pong was sent has been read after it.
      await app.get('/v1/models');
    }
    expect(await dead.closed).toMatchObject({ code: 1006 });
    expect(await alive.ask('a', ASK)).toMatchObject({ type: 'done' });
    await alive.close();
    await untilAllAreGone();
    Object.assign(app.nest.get(ChatSocketLimits), { heartbeatMs: 20 });
    const silent = await ChatSocketClient.open(app.url, key, { autoPong: false });
    expect(await silent.closed).toMatchObject({ code: 1006 });
  });

  it('stops the upstream of a client that does not read, and gives the client up', async () => {
    Object.assign(app.nest.get(ChatSocketLimits), { writeMs: 50, farewellMs: 50 });
    openAi.reply({ pieces: Array.from({ length: 650 }, () => 'x'.repeat(40_000)) });
    const socket = await open();
    socket.socket.pause();
    socket.write(rawFrame(text('a')));
    const request = await openAi.nextRequest();
    await openAi.waitForClose(request);
    expect(request.completed).toBe(false);
    await untilAllAreGone();
    socket.socket.destroy();
  });

  it('A07 counts refused keys as everywhere, and closes the door to the address', async () => {
    Object.assign(app.nest.get(FailedAuthenticationLimit), { failures: 20 });
    const statuses: number[] = [];
    let refused = await refusalOf(app.url, { protocols: ['trunkline', 'key.tl_guess'] });
    while (refused.status === 401 && statuses.length < 30) {
      statuses.push(refused.status);
      refused = await refusalOf(app.url, { protocols: ['trunkline', 'key.tl_guess'] });
    }
    expect(statuses.length).toBeGreaterThan(10);
    expect(statuses.length).toBeLessThanOrEqual(20);
    expect(refused).toMatchObject({ status: 429, code: 'too_many_auth_failures' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });
});
