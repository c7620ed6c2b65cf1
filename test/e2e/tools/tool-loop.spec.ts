import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ScriptedToolCall } from '../../fakes/scripted-reply.js';
import { tool } from '../../support/chat-bodies.js';
import { readSse } from '../../support/read-sse.js';
import type { TestApp } from '../../support/test-app.js';
import { call, chatWithTools, type ToolAnswer, ToolBench } from '../../support/tool-bench.js';

describe('tools that the server runs', () => {
  const bench = new ToolBench();
  const { openAi, anthropic, gemini, service, asks, says, sent, offered } = bench;
  let app: TestApp;

  beforeAll(async () => {
    app = await bench.start();
  });

  beforeEach(() => {
    bench.reset();
  });

  afterAll(async () => {
    await app.close();
    await bench.stop();
  });

  const chat = (body: object): Promise<ToolAnswer> => chatWithTools(app, body);

  it('are run, and the model answers from what they gave; the steps are summed up', async () => {
    asks(call('http_weather', { city: 'New York/?' }, 'c1'));
    says('It is 21 degrees.');
    const answer = await chat({});
    expect(answer).toMatchObject({
      content: 'It is 21 degrees.',
      finish_reason: 'stop',
      usage: { input_tokens: 200, output_tokens: 20 },
      cost_usd: 0.0006,
      tool_results: [
        { id: 'c1', name: 'http:weather', arguments: '{"city":"New York/?"}', content: '{"temperature":21}' },
      ],
    });
    expect(answer.tool_calls).toBeUndefined();
    expect(service.visits).toMatchObject([
      { method: 'GET', path: '/weather/New%20York%2F%3F', headers: { authorization: 'Bearer hidden-secret' } },
    ]);
    expect(offered(0)).toEqual(['http_weather']);
    expect(sent(1).slice(-2)).toMatchObject([
      { role: 'assistant', tool_calls: [{ id: 'c1', function: { name: 'http_weather' } }] },
      { role: 'tool', tool_call_id: 'c1', content: '{"temperature":21}' },
    ]);
    expect(JSON.stringify([answer, openAi.requests.map(({ body }) => body)])).not.toContain('hidden-secret');
    const row = await app.ledgerRow();
    expect(row).toMatchObject({ status: 'succeeded', usage: { input_tokens: 200 } });
    expect(row.attempts).toHaveLength(2);
  });

  it('send what the URL does not name in a JSON body, with POST', async () => {
    asks(call('http_order', { city: 'Rome', count: 2 }));
    says('Done.');
    await chat({ server_tools: ['http:order'] });
    expect(service.visits).toMatchObject([
      {
        method: 'POST',
        path: '/order?via=x',
        body: '{"city":"Rome","count":2}',
        headers: { 'content-type': 'application/json' },
      },
    ]);
  });

  it('show each step in the stream, under one head and with one end', async () => {
    openAi.reply({
      pieces: ['Let me', ' see.'],
      toolCalls: [call('http_weather', { city: 'Rome' }, 'c1')],
      usage: { input: 100, output: 10 },
    });
    says('Warm.');
    const response = await app.post('/v1/chat/stream', {
      model: 'priced',
      message: 'How?',
      server_tools: ['http:weather'],
    });
    const frames = await readSse(response);
    expect(frames.at(-1)?.data).toBe('[DONE]');
    const events = frames.slice(0, -1).map(({ data }) => JSON.parse(data) as Record<string, unknown>);
    const types = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(types).toEqual(['start', 'delta', 'tool_call', 'tool_result', 'delta', 'done']);
    const text = events.map(({ type, content }) => (type === 'delta' ? content : '')).join('');
    expect(text).toBe('Let me see.\n\nWarm.');
    expect(events.find(({ type }) => type === 'tool_result')).toEqual({
      type: 'tool_result',
      id: 'c1',
      name: 'http:weather',
      content: '{"temperature":21}',
      is_error: false,
    });
    expect(events.at(-1)).toMatchObject({ finish_reason: 'stop', cost_usd: 0.0006, usage: { input_tokens: 200 } });
  });

  it('work with a model that thinks, whose signed thoughts go back with its calls', async () => {
    anthropic.reply({ reasoning: 'Hm, the weather.', toolCalls: [call('http_weather', { city: 'Rome' }, 'c1')] });
    anthropic.reply({ text: 'Warm.' });
    const answer = await chat({ model: 'claude/claude-sonnet-5' });
    expect(answer).toMatchObject({ content: 'Warm.', finish_reason: 'stop' });
    const messages = anthropic.requests[1]?.body.messages as { role: string; content: { type: string }[] }[];
    const [thought, use] = messages.at(-2)?.content ?? [];
    expect([thought, use]).toMatchObject([
      { type: 'thinking', signature: expect.any(String) },
      { type: 'tool_use', id: 'c1' },
    ]);
    expect(messages.at(-1)).toMatchObject({ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1' }] });
  });

  it('work over Gemini, whose signatures go back with its calls', async () => {
    gemini.reply({ reasoning: 'Hm.', toolCalls: [call('http_weather', { city: 'Rome' })] });
    gemini.reply({ text: 'Warm.' });
    expect(await chat({ model: 'gemini/gemini-2.5-pro' })).toMatchObject({
      content: 'Warm.',
      tool_results: [{ name: 'http:weather', is_error: false }],
    });
    const contents = JSON.stringify(gemini.requests[1]?.body.contents);
    expect(contents).toContain('thoughtSignature');
    expect(contents).toContain('functionResponse');
  });

  it('are kept in a conversation, whose next turn knows them', async () => {
    asks(call('http_weather', { city: 'Rome' }, 'c1'));
    says('It is 21.');
    const { conversation_id: id } = await chat({ store: true });
    says('As I said.');
    await chat({ conversation_id: id, message: 'And now?', store: true });
    expect(sent(2).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant', 'user']);
    expect(sent(2)[2]).toMatchObject({ tool_call_id: 'c1', content: '{"temperature":21}' });
  });

  it('go with an answer in a given form', async () => {
    asks(call('http_weather', { city: 'Rome' }));
    says('{"degrees":21}');
    const schema = { type: 'object', required: ['degrees'], properties: { degrees: { type: 'integer' } } };
    const format = { type: 'json_schema', json_schema: { name: 'answer', schema } };
    expect(await chat({ response_format: format })).toMatchObject({ content: '{"degrees":21}' });
    anthropic.reply({ toolCalls: [call('http_weather', { city: 'Rome' })] });
    anthropic.reply({ text: '{"degrees":21}' });
    const answer = await chat({ model: 'claude/claude-sonnet-5', response_format: format });
    expect([answer.content, service.visits.length]).toEqual(['{"degrees":21}', 2]);
  });

  it.each<[string, string[], ScriptedToolCall, RegExp]>([
    ['arguments that do not fit', ['http:weather'], call('http_weather', { city: 1 }), /`city` must be string/],
    ['arguments that are no JSON', ['http:weather'], call('http_weather', '{"city":'), /not JSON/],
    ['a name that is none', ['http:weather'], call('http_rain', {}), /no tool "http_rain"/],
    ['a way up the path', ['http:weather'], call('http_weather', { city: '..' }), /"\.\."/],
    ['a refusal of the service', ['http:weather'], call('http_weather', { city: '404' }), /status 404\.\nnot here/],
    ['a redirect', ['http:weather'], call('http_weather', { city: '302' }), /could not be reached/],
    ['a cut connection', ['http:weather'], call('http_weather', { city: 'cut' }), /could not be reached/],
    ['silence', ['http:brief'], call('http_brief', { city: 'silence' }), /took too long/],
    ['too much', ['http:small'], call('http_small', { city: 'much' }), /more than 1024 bytes/],
  ])('tell the model of %s, which goes on', async (_name, names, written, expected) => {
    service.answer = ({ path }, response) => {
      if (path.endsWith('404')) response.writeHead(404, { 'content-type': 'text/plain' }).end('not here');
      else if (path.endsWith('302')) response.writeHead(302, { location: '/elsewhere' }).end();
      else if (path.endsWith('cut')) response.destroy();
      else if (path.endsWith('much')) response.end('x'.repeat(5_000));
    };
    asks({ ...written, id: 'c1' });
    says('I could not.');
    const answer = await chat({ server_tools: names });
    expect(answer).toMatchObject({ content: 'I could not.', tool_results: [{ id: 'c1', is_error: true }] });
    expect(answer.tool_results?.[0]?.content).toMatch(expected);
    expect(sent(1).at(-1)).toMatchObject({
      role: 'tool',
      tool_call_id: 'c1',
      content: expect.stringMatching(expected),
    });
    expect(service.visits.some(({ path }) => path === '/elsewhere')).toBe(false);
  });

  it('cut long results, and say so', async () => {
    service.answer = (_visit, response) => response.setHeader('content-type', 'text/plain').end('word '.repeat(1_000));
    asks(call('http_weather', { city: 'Rome' }));
    says('Much.');
    const [result] = (await chat({})).tool_results ?? [];
    expect(result?.content).toMatch(
      /^word [^]*\[The result was cut here: it has about \d+ tokens, and 200 are passed on\.\]$/,
    );
    expect(result?.content.length).toBeLessThan(1_200);
  });

  it('run several at once, some at a time, and keep the order of the calls for the model', async () => {
    const open = new Set<string>();
    let most = 0;
    service.answer = ({ path }, response) => {
      open.add(path);
      most = Math.max(most, open.size);
      const finish = (): void => {
        open.delete(path);
        response.end(path);
      };
      // The first is answered last, once the second has come and gone.
      if (path.endsWith('aa')) void service.waitForVisits(3).then(finish);
      else finish();
    };
    asks(...['aa', 'bb', 'cc'].map((city) => call('http_weather', { city }, city)));
    says('All.');
    const answer = await chat({});
    expect(answer.tool_results?.map(({ id }) => id)).toEqual(['bb', 'cc', 'aa']);
    expect(
      sent(1)
        .slice(-3)
        .map(({ tool_call_id: id }) => id),
    ).toEqual(['aa', 'bb', 'cc']);
    expect(most).toBe(2);
  });

  it('leave the client its own tools: such a call ends the answer, and what was asked of ours besides is run', async () => {
    asks(call('lookup', { q: 1 }, 'mine'), call('http_weather', { city: 'Rome' }, 'yours'));
    const answer = await chat({ tools: [tool('lookup')] });
    expect(answer).toMatchObject({
      finish_reason: 'tool_calls',
      tool_calls: [{ id: 'mine', function: { name: 'lookup' } }],
      tool_results: [{ id: 'yours', content: '{"temperature":21}' }],
    });
    expect(answer.tool_calls).toHaveLength(1);
    expect(openAi.requests).toHaveLength(1);
    expect(offered(0)).toEqual(['lookup', 'http_weather']);
  });

  it('have other names for the model where the client took them', async () => {
    asks(call('http_weather', {}, 'mine'));
    const answer = await chat({ tools: [tool('http_weather')] });
    expect(answer.tool_calls).toMatchObject([{ id: 'mine' }]);
    expect(offered(0)).toEqual(['http_weather', expect.stringMatching(/^http_weather_[0-9a-f]{8}$/)]);
    expect(service.visits).toEqual([]);
  });

  it('end with the steps: the last answer is without tools, and what is asked for all the same is not run', async () => {
    openAi.reply({ toolCalls: [call('http_weather', { city: 'Rome' })], usage: { input: 100, output: 10 } }).forever();
    const answer = await chat({ max_steps: 3 });
    expect(openAi.requests.map(({ body }) => body.tool_choice)).toEqual([undefined, undefined, 'none']);
    expect(service.visits).toHaveLength(2);
    expect(answer).toMatchObject({ finish_reason: 'other', usage: { input_tokens: 300 } });
    expect(answer.warnings?.join()).toMatch(/3 answers are the most/);
    expect(answer.tool_results?.at(-1)).toMatchObject({ is_error: true, content: expect.stringMatching(/not run/) });
    // The same id in each of them would be one call to whoever reads them.
    expect(new Set(answer.tool_results?.map(({ id }) => id)).size).toBe(3);
  });

  it('fail as the model does when a later step fails', async () => {
    asks(call('http_weather', { city: 'Rome' }));
    openAi.failWith(400, { error: { message: 'no', type: 'invalid_request_error', param: null, code: null } });
    const response = await app.post('/v1/chat', { model: 'priced', message: 'x', server_tools: ['http:weather'] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_rejected_request' } });
    expect(await app.ledgerRow()).toMatchObject({ status: 'failed', usage: { input_tokens: 100 } });
  });

  it('are within the budgets at each step', async () => {
    const budgets = [{ window: 'day', amount_usd: 0.05 }];
    const made = await app.post('/admin/keys', { name: 'poor', budgets });
    const { key } = (await made.json()) as { key: string };
    openAi.reply({ toolCalls: [call('http_weather', { city: 'Rome' })], usage: { input: 100, output: 4_000 } });
    const body = { model: 'priced', message: 'x', server_tools: ['http:weather'], store: false };
    const response = await app.post('/v1/chat', body, { key });
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ error: { code: 'insufficient_quota' } });
    expect(openAi.requests).toHaveLength(1);
    expect(await app.ledgerRow()).toMatchObject({ status: 'failed', cost_usd: 0.0402 });
  });

  it('are ended when the client leaves', async () => {
    const left = new Promise<void>((resolve) => {
      service.answer = (_visit, response) =>
        response.once('close', () => {
          resolve();
        });
    });
    asks(call('http_weather', { city: 'Rome' }));
    const leave = new AbortController();
    const body = { model: 'priced', message: 'x', server_tools: ['http:weather'] };
    const pending = app.post('/v1/chat', body, { signal: leave.signal }).catch(() => null);
    await service.waitForVisits(1);
    leave.abort();
    await Promise.all([pending, left]);
    expect(openAi.requests).toHaveLength(1);
  });

  it.each<[string, string, number, string, RegExp]>([
    ['an unknown one', 'http:nope', 404, 'not_found', /There are: http:weather/],
    ['another project\u2019s', 'http:theirs', 404, 'not_found', /no tool "http:theirs"/],
    ['no kind of ours', 'shell:rm', 400, 'invalid_value', /mcp:SERVER/],
    ['an unknown collection', 'rag:nope', 404, 'not_found', /rag:default|There are/],
    ['an unknown server', 'mcp:nope/x', 404, 'not_found', /There are/],
  ])('refuse %s', async (_name, name, status, code, message) => {
    const response = await app.post('/v1/chat', { message: 'x', server_tools: [name] });
    const { error } = (await response.json()) as { error: { code: string; message: string; param: string } };
    expect([response.status, error.code, error.param]).toEqual([status, code, 'server_tools[0]']);
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/There are:.*theirs/);
    expect(openAi.requests).toEqual([]);
  });
});
