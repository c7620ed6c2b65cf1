import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ChatSocketClient } from '../../support/chat-socket.js';
import { tool } from '../../support/chat-bodies.js';
import type { TestApp } from '../../support/test-app.js';
import { call, chatWithTools, ToolBench } from '../../support/tool-bench.js';

const ASK = { model: 'priced', message: 'How is it?', server_tools: ['http:weather'] };

describe('tools that the server runs, in conversations and over the WebSocket', () => {
  const bench = new ToolBench();
  const { openAi, anthropic, service, asks, says, sent } = bench;
  const clients: ChatSocketClient[] = [];
  let app: TestApp;

  beforeAll(async () => {
    app = await bench.start();
  });

  beforeEach(() => {
    bench.reset();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });

  afterAll(async () => {
    await app.close();
    await bench.stop();
  });

  async function connect(): Promise<ChatSocketClient> {
    const client = await ChatSocketClient.open(app.url, app.adminKey);
    clients.push(client);
    return client;
  }

  async function told(id: unknown): Promise<string[]> {
    const response = await app.get(`/v1/conversations/${String(id)}/messages?order=asc`);
    const { data } = (await response.json()) as { data: { role: string; status: string }[] };
    return data.map(({ role, status }) => `${role} ${status}`);
  }

  it('show each step on the socket, the id of a call beside that of the message, and are remembered', async () => {
    asks(call('http_weather', { city: 'Rome' }, 'c1'));
    says('It is 21.');
    const client = await connect();
    const done = await client.ask('m1', ASK);
    expect(done).toMatchObject({ type: 'done', finish_reason: 'stop', cost_usd: 0.0006, usage: { input_tokens: 200 } });
    const types = client.frames.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(types).toEqual(['start', 'tool_call', 'tool_result', 'delta', 'done']);
    expect(client.frames.every(({ id }) => id === 'm1')).toBe(true);
    const result = client.frames.find(({ type }) => type === 'tool_result');
    expect(result).toMatchObject({ call_id: 'c1', name: 'http:weather', content: '{"temperature":21}' });
    const start = client.frames[0];
    expect(start?.conversation_id).toMatch(/^conv_/);
    expect(await app.ledgerRow(String(start?.request_id))).toMatchObject({ status: 'succeeded', cost_usd: 0.0006 });

    // Another model goes on, and is told what the tool gave to the first one.
    anthropic.reply({ text: 'As was said.' });
    const next = { conversation_id: start?.conversation_id, model: 'claude/claude-sonnet-5', message: 'And now?' };
    expect(await client.ask('m2', next)).toMatchObject({ type: 'done' });
    for (const piece of ['c1', '{\\"temperature\\":21}', 'It is 21.']) {
      expect(anthropic.requests[0]?.bodyText).toContain(piece);
    }
    expect(await told(start?.conversation_id)).toEqual([
      ...['user completed', 'assistant completed', 'tool completed', 'assistant completed'],
      ...['user completed', 'assistant completed'],
    ]);
  });

  it('leave calls for the client to it, whose result comes in the next turn', async () => {
    asks(call('http_weather', { city: 'Rome' }, 'ours'), call('lookup', { word: 'x' }, 'theirs'));
    const tools = [tool('lookup')];
    const first = await chatWithTools(app, { tools, store: true });
    expect(first.finish_reason).toBe('tool_calls');
    expect(first.tool_calls?.map(({ id }) => id)).toEqual(['theirs']);
    says('Found.');
    const messages = [{ role: 'tool', tool_call_id: 'theirs', content: 'a letter' }];
    const body = { messages, message: undefined, tools, conversation_id: first.conversation_id, store: true };
    expect(await chatWithTools(app, body)).toMatchObject({ content: 'Found.' });
    const results = sent(1).filter(({ role }) => role === 'tool');
    expect(results.map(({ tool_call_id: id }) => id)).toEqual(['ours', 'theirs']);
    expect(results[1]?.content).toBe('a letter');
  });

  it('are stopped with their message; the conversation goes on without a result', async () => {
    const left = new Promise<void>((resolve) => {
      service.answer = (_visit, response) =>
        response.once('close', () => {
          resolve();
        });
    });
    asks(call('http_weather', { city: 'Rome' }, 'c1'));
    const client = await connect();
    client.send({ type: 'message', id: 'a', ...ASK });
    await service.waitForVisits(1);
    client.send({ type: 'cancel', id: 'a' });
    const cancelled = await client.end('a');
    expect(cancelled).toMatchObject({ type: 'cancelled', cost_usd: 0.0003 });
    await left;
    expect(openAi.requests).toHaveLength(1);
    // What the model wrote is paid for; it was not the answer.
    expect(await app.ledgerRow(String(cancelled.request_id))).toMatchObject({ status: 'aborted', cost_usd: 0.0003 });

    const id = client.frames[0]?.conversation_id;
    says('Hello again.');
    expect(await client.ask('b', { model: 'priced', message: 'Still there?', conversation_id: id })).toMatchObject({
      type: 'done',
    });
    // The call broke off before anything was said: there is no answer to tell of.
    expect(sent(1).at(-1)).toMatchObject({ role: 'user', content: 'Still there?' });
    expect(JSON.stringify(sent(1))).not.toContain('c1');
    expect((await told(id)).slice(-2)).toEqual(['user completed', 'assistant completed']);
  });

  it('fail in band with the code of HTTP, and the socket goes on', async () => {
    const client = await connect();
    expect(await client.ask('a', { ...ASK, server_tools: ['http:nope'] })).toMatchObject({
      type: 'error',
      status: 404,
      error: { code: 'not_found', param: 'server_tools[0]' },
    });
    says('Fine.');
    expect(await client.ask('b', { ...ASK, server_tools: [] })).toMatchObject({ type: 'done' });
  });
});
