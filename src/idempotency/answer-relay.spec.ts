import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { beforeHead } from '../http/answer-head.js';
import { sendJson } from '../http/json-reply.js';
import { attachReplySettings } from '../http/reply-settings.js';
import { type AnswerKeeper, AnswerRelay, type KeptHead } from './answer-relay.js';

class ScriptedKeeper implements AnswerKeeper {
  heads: KeptHead[] = [];
  parts: string[] = [];
  ends: boolean[] = [];
  keepsAtMost = Infinity;
  readonly #gates = { head: Promise.withResolvers<undefined>(), end: Promise.withResolvers<undefined>() };

  constructor(private readonly holds: 'head' | 'end' | 'nothing' = 'nothing') {}

  open(): void {
    this.#gates.head.resolve(undefined);
    this.#gates.end.resolve(undefined);
  }

  head(head: KeptHead): Promise<void> | null {
    this.heads.push(head);
    return this.holds === 'head' ? this.#gates.head.promise : null;
  }

  add(bytes: Buffer): boolean {
    if (this.parts.length >= this.keepsAtMost) return false;
    this.parts.push(bytes.toString());
    return true;
  }

  end(isWhole: boolean): Promise<void> {
    this.ends.push(isWhole);
    return this.holds === 'end' ? this.#gates.end.promise : Promise.resolve();
  }
}

let server: Server;
let url: string;
let arrived: Promise<AnswerRelay>;

beforeEach(async () => {
  const relay = Promise.withResolvers<AnswerRelay>();
  arrived = relay.promise;
  server = createServer((request: IncomingMessage, client: ServerResponse) => {
    relay.resolve(new AnswerRelay(request, client));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const post = (signal?: AbortSignal): Promise<Response> => fetch(url, { method: 'POST', signal });

describe('what is passed on', () => {
  it('is status, headers and body, with what is added to the head at last', async () => {
    const answer = post();
    const { response } = await arrived;
    beforeHead(response, (headers) => headers.setHeader('x-late', 'yes'));
    const closed = once(response, 'close');
    sendJson(response, { text: 'äö' }, 201);
    await closed;
    expect([response.headersSent, response.writableEnded, response.writableFinished, response.destroyed]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    const received = await answer;
    expect([received.status, received.headers.get('x-late'), received.headers.get('content-length')]).toEqual([
      201,
      'yes',
      '15',
    ]);
    expect(await received.json()).toEqual({ text: 'äö' });
  });

  it('comes as it is written', async () => {
    const answer = post();
    const { response } = await arrived;
    let told = 0;
    response.write('one ', () => (told += 1));
    const received = await answer;
    const reader = received.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('one ');
    response.write(Buffer.from('two'));
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('two');
    response.end(() => (told += 1));
    expect((await reader?.read())?.done).toBe(true);
    expect(told).toBe(2);
    expect([response.write('more'), response.end('more')]).toEqual([false, response]);
  });
});

describe('without a keeper', () => {
  it('the response ends when its client leaves', async () => {
    const leaving = new AbortController();
    const answer = post(leaving.signal).catch(() => null);
    const { response } = await arrived;
    response.write('one');
    leaving.abort();
    await once(response, 'close');
    expect([response.destroyed, response.writableFinished, response.write('two')]).toEqual([true, false, false]);
    await answer;
  });

  it('its client is cut off when the response is destroyed', async () => {
    const answer = post();
    const { response } = await arrived;
    response.write('one');
    const received = await answer;
    response.destroy();
    await expect(received.text()).rejects.toThrow();
  });

  it('the response waits for a slow client', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    socket.pause();
    const { response } = await arrived;
    while (response.write('x'.repeat(1_000_000))) await new Promise(setImmediate);
    const drained = once(response, 'drain');
    socket.resume();
    await drained;
    socket.destroy();
  });
});

describe('with a keeper', () => {
  it('the answer goes on without its client, and is kept whole', async () => {
    const keeper = new ScriptedKeeper();
    const leaving = new AbortController();
    const answer = post(leaving.signal);
    const relay = await arrived;
    relay.keep(keeper);
    const { response } = relay;
    response.setHeader('x-kept', ['a', 'b']);
    response.write('one ');
    await answer;
    leaving.abort();
    await once(response.req, 'close').catch(() => undefined);
    expect(response.write('two ')).toBe(true);
    const closed = once(response, 'close');
    response.end('three');
    await closed;
    expect(keeper).toMatchObject({ parts: ['one ', 'two ', 'three'], ends: [true] });
    expect(keeper.heads).toMatchObject([{ status: 200 }]);
    expect(keeper.heads[0]?.headers).toContainEqual(['x-kept', ['a', 'b']]);
  });

  it.each(['head', 'end'] as const)('its client gets the %s when the keeper lets it', async (held) => {
    const keeper = new ScriptedKeeper(held);
    let isAnswered = false;
    const answer = post().then((received) => {
      isAnswered = true;
      return received.text();
    });
    const relay = await arrived;
    relay.keep(keeper);
    const closed = once(relay.response, 'close');
    relay.response.end('whole');
    await closed;
    // The loop turns often enough for bytes on their way to arrive.
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    expect([isAnswered, keeper.ends]).toEqual([false, [true]]);
    keeper.open();
    expect(await answer).toBe('whole');
  });

  it('an answer that is kept no longer ends when its client leaves', async () => {
    const keeper = new ScriptedKeeper();
    keeper.keepsAtMost = 1;
    const leaving = new AbortController();
    const answer = post(leaving.signal).catch(() => null);
    const relay = await arrived;
    relay.keep(keeper);
    relay.response.write('one');
    relay.response.write('two');
    const closed = once(relay.response, 'close');
    leaving.abort();
    await closed;
    expect(keeper).toMatchObject({ parts: ['one'], ends: [false] });
    await answer;
  });

  it('nothing more is asked of the answer when the client had left before it became too large', async () => {
    const keeper = new ScriptedKeeper();
    keeper.keepsAtMost = 1;
    const leaving = new AbortController();
    const answer = post(leaving.signal).catch(() => null);
    const relay = await arrived;
    relay.keep(keeper);
    relay.response.write('one');
    const gone = once(relay.response.req, 'close').catch(() => undefined);
    leaving.abort();
    await gone;
    const closed = once(relay.response, 'close');
    relay.response.write('two');
    await closed;
    expect(keeper.ends).toEqual([false]);
    await answer;
  });

  it('a client that reads nothing is cut off, and the answer goes on', async () => {
    const clock = new FakeClock();
    const keeper = new ScriptedKeeper();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    socket.pause();
    const relay = await arrived;
    attachReplySettings(relay.response, { clock, writeMs: 1_000 });
    relay.keep(keeper);
    while (clock.pendingTimers === 0) {
      expect(relay.response.write('x'.repeat(1_000_000))).toBe(true);
      await new Promise(setImmediate);
    }
    const gone = once(relay.response.req, 'close').catch(() => undefined);
    await clock.advance(1_000);
    await gone;
    expect([relay.response.destroyed, relay.response.write('more')]).toEqual([false, true]);
    expect(keeper.parts.at(-1)).toBe('more');
    socket.destroy();
  });
});
