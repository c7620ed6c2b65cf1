import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type Anthropic from '@anthropic-ai/sdk';
import type { JsonObject } from '../../../src/core/json.js';
import type { TestApp } from '../../support/test-app.js';
import { WebHost } from '../../support/web-host.js';
import { MessagesBench, VENDORS } from './messages-bench.js';

const USER = { role: 'user', content: 'Hi' };
const BODY = { model: 'anthropic', max_tokens: 50, messages: [USER] };
const WEATHER = { name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } };
const PUBLIC = '127.0.0.9';
const PDF = Buffer.from('%PDF-1.4 not much of one');
const RICH = {
  max_tokens: 4_000,
  system: [{ type: 'text', text: 'Rules.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
  messages: [
    USER,
    { role: 'system', content: 'Mind the wind.' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'rain', is_error: true }] },
  ],
  tools: [
    { ...WEATHER, eager_input_streaming: true },
    { type: 'bash_20250124', name: 'bash', input_schema: { type: 'object' } },
  ],
  thinking: { type: 'adaptive', display: 'summarized' },
  output_config: { effort: 'max' },
  context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
  metadata: { user_id: 'user-1' },
  service_tier: 'auto',
};
const COUNT = '/v1/messages/count_tokens';
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

describe('POST /v1/messages', () => {
  const bench = new MessagesBench();
  let app: TestApp;
  let client: Anthropic;
  let web: WebHost;

  beforeAll(async () => {
    const host = await WebHost.start(PUBLIC);
    if (!host) throw new Error('There is no second loopback address here.');
    web = host;
    ({ app, client } = await bench.start(
      { lasting: { targets: ['claude/claude-sonnet-4-6'], on_stream_failure: 'continue' } },
      { EGRESS_ALLOW: `${PUBLIC}/32` },
    ));
  });

  beforeEach(() => {
    bench.reset();
    web.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await bench.stop();
    await web.stop();
  });

  async function post(body: object, headers: Record<string, string> = {}, path = '/v1/messages'): Promise<Response> {
    return app.post(path, body, { headers });
  }

  function lastBody(vendor: (typeof VENDORS)[number]): JsonObject {
    return bench[vendor].requests.at(-1)?.body ?? {};
  }

  describe('to a provider of the same dialect', () => {
    it.each(['/v1/messages', '/v1/messages?beta=true'])('%s sends all of it on, betas as well', async (path) => {
      const betas = 'context-management-2025-06-27,unheard-of-2031-01-01';
      const answer = await post({ ...RICH, model: 'anthropic' }, { 'anthropic-beta': betas }, path);
      expect(answer.status).toBe(200);
      expect(lastBody('anthropic')).toEqual({ ...RICH, model: 'claude-sonnet-4-6', stream: false });
      expect(bench.anthropic.requests.at(-1)?.headers['anthropic-beta']).toBe(betas);
      expect(answer.headers.get('x-trunkline-warnings')).toBeNull();
    });

    it('relays the answer with members that nobody knows', async () => {
      bench.anthropic.editJson((body) => ({ ...body, novelty: { a: 1 }, content: [{ type: 'new_block', b: 2 }] }));
      expect(await (await post(BODY)).json()).toMatchObject({
        novelty: { a: 1 },
        content: [{ type: 'new_block', b: 2 }],
        stop_sequence: null,
      });
    });

    it('relays each event as it came', async () => {
      let sent: string[] = [];
      bench.anthropic.editFrames(
        (frames) => {
          const odd = {
            kind: 'other' as const,
            event: 'novelty',
            data: '{"type":"novelty",  "n":12345678901234567890}',
          };
          const edited = [...frames.slice(0, -2), odd, ...frames.slice(-2)];
          sent = edited.map(({ event = '', data }) => `event: ${event}\ndata: ${data}`);
          return edited;
        },
        { pieces: ['Hel', 'lo'], reasoning: 'Hm.' },
      );
      const events = (await (await post({ ...BODY, stream: true })).text()).trimEnd().split('\n\n');
      expect(events).toEqual(sent);
    });
  });

  describe.each(['openai', 'gemini'] as const)('to %s', (model) => {
    it('warns of what it cannot carry, and answers', async () => {
      bench[model].reply({ text: 'Hello.' });
      const answer = await post({
        ...BODY,
        model,
        top_k: 5,
        mcp_servers: [{ type: 'url', url: 'https://a.example', name: 'a' }],
        tools: [WEATHER, { type: 'web_search_20250305', name: 'web_search' }],
        messages: [{ role: 'assistant', content: 'Hello.' }, USER, USER, { role: 'system', content: 'Now.' }],
      });
      expect(answer.status).toBe(200);
      const warnings = answer.headers.get('x-trunkline-warnings');
      for (const name of ['mcp_servers', 'tools[1] (web_search_20250305)']) expect(warnings).toContain(name);
    });
  });

  it('says what is left of the limits in Anthropic’s words', async () => {
    const made = await app.post('/admin/keys', {
      name: 'limited',
      limits: { requests_per_minute: 9, tokens_per_minute: 9_000 },
    });
    const { key } = (await made.json()) as { key: string };
    const { headers } = await app.post('/v1/messages', BODY, { key });
    expect(headers.get('anthropic-ratelimit-requests-limit')).toBe('9');
    for (const kind of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
      expect(headers.get(`anthropic-ratelimit-${kind}-remaining`)).toMatch(/^\d+$/);
      expect(headers.get(`anthropic-ratelimit-${kind}-reset`)).toMatch(RFC_3339);
    }
    expect(headers.get('x-ratelimit-limit-requests')).toBeNull();
  });

  it('answers once for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': `messages-${String(process.pid)}` };
    const first = await (await post({ ...BODY, stream: true }, headers)).text();
    const again = await post({ ...BODY, stream: true }, headers);
    expect([await again.text(), again.headers.get('idempotent-replayed')]).toEqual([first, 'true']);
    expect(bench.anthropic.requests).toHaveLength(1);
  });

  it('counts by itself what Anthropic does not, and holds that against nobody', async () => {
    bench.anthropic.failWith(404).times(12);
    for (let count = 0; count < 12; count += 1) {
      const answer = await post({ model: 'anthropic', messages: [USER] }, {}, COUNT);
      expect(await answer.json()).toEqual({ input_tokens: expect.any(Number) });
      expect(answer.headers.get('x-trunkline-warnings')).toMatch(/estimated/);
    }
    expect(bench.anthropic.requests).toHaveLength(12);
    expect((await post(BODY)).status).toBe(200);
  });

  it('lists models to Anthropic’s clients, page by page', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list({ limit: 2 })) ids.push(model.id);
    expect(ids).toEqual(expect.arrayContaining([...VENDORS]));
    expect(new Set(ids).size).toBe(ids.length);
    expect(await client.models.retrieve('claude/claude-sonnet-4-6')).toMatchObject({
      type: 'model',
      id: 'claude/claude-sonnet-4-6',
      display_name: 'claude/claude-sonnet-4-6',
    });
    expect(await (await app.get('/v1/models')).json()).toMatchObject({ object: 'list' });
  });

  it.each<[(typeof VENDORS)[number], 'some' | 'none']>([
    ['openai', 'some'],
    ['gemini', 'some'],
    ['anthropic', 'none'],
  ])('fetches documents by URL for vendors that do not: %s', async (model, visits) => {
    web.serve('/a.pdf', PDF, { 'content-type': 'application/pdf' });
    web.serve('/a.txt', Buffer.from('Once upon a time.'), { 'content-type': 'text/plain' });
    const content = ['/a.pdf', '/a.txt'].map((path) => ({
      type: 'document',
      source: { type: 'url', url: `${web.origin}${path}` },
    }));
    const answer = await post({ ...BODY, model, messages: [{ role: 'user', content }] });
    expect(answer.status).toBe(200);
    expect(web.requests.length).toBe(visits === 'some' ? 2 : 0);
    const sent = JSON.stringify(lastBody(model));
    if (visits === 'none') expect(sent).toContain(`${web.origin}/a.pdf`);
    else for (const part of [PDF.toString('base64'), 'Once upon a time.']) expect(sent).toContain(part);
  });

  it.each(['http://169.254.169.254/a.pdf', 'http://127.0.0.1:1/a.pdf'])('never goes to %s', async (url) => {
    for (const model of VENDORS) {
      const content = [{ type: 'document', source: { type: 'url', url } }];
      const answer = await post({ ...BODY, model, messages: [{ role: 'user', content }] });
      expect([model, answer.status]).toEqual([model, 400]);
      const count = await post({ model, messages: [{ role: 'user', content }] }, {}, COUNT);
      expect([model, count.status, bench[model].requests.length]).toEqual([model, 400, 0]);
    }
  });

  it('ends well what broke and was continued', async () => {
    bench.anthropic.cutAfter(2, { pieces: ['One, ', 'two, ', 'three, '] });
    bench.anthropic.reply({ pieces: ['One, two, three, ', 'four.'] });
    const stream = client.messages.stream({
      model: 'lasting',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Count.' }],
    });
    const message = await stream.finalMessage();
    expect(message.content).toMatchObject([{ type: 'text', text: 'One, two, three, four.' }]);
    expect(message.stop_reason).toBe('end_turn');
  });

  it('puts thinking back that the client dropped', async () => {
    const tools = [WEATHER] as Anthropic.Tool[];
    const asked = {
      model: 'anthropic',
      max_tokens: 4_000,
      tools,
      thinking: { type: 'enabled' as const, budget_tokens: 2_000 },
    };
    const question = { role: 'user' as const, content: 'Weather?' };
    bench.anthropic.reply({
      reasoning: 'They ask.',
      text: 'See.',
      toolCalls: [{ id: 'call_back', name: 'weather', arguments: {} }],
    });
    const first = await client.messages.create({ ...asked, messages: [question] });
    expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
    const kept = first.content.filter(({ type }) => type !== 'thinking');
    await client.messages.create({
      ...asked,
      messages: [
        question,
        { role: 'assistant', content: kept },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_back', content: 'rain' }] },
      ],
    });
    const sent = lastBody('anthropic').messages as JsonObject[];
    expect(sent[1]?.content).toEqual([first.content[0], ...kept]);
  });

  it('takes a conversation from vendor to vendor, thinking and all', async () => {
    const tools = [WEATHER] as Anthropic.Tool[];
    const thinking = { type: 'enabled' as const, budget_tokens: 2_000 };
    let messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Weather?' }];
    for (const model of ['gemini', 'anthropic', 'openai', 'gemini'] as const) {
      bench[model].reply({ reasoning: 'Hm.', toolCalls: [{ name: 'weather', arguments: { city: model } }] });
      const { content } = await client.messages
        .stream({ model, max_tokens: 4_000, tools, messages, ...(model === 'gemini' && { thinking }) })
        .finalMessage();
      const use = content.find((block) => block.type === 'tool_use');
      const result = { type: 'tool_result' as const, tool_use_id: use?.id ?? '', content: 'rain' };
      messages = [...messages, { role: 'assistant', content }, { role: 'user', content: [result] }];
    }
    const sent = JSON.stringify(bench.anthropic.requests[0]?.body);
    expect(sent).not.toContain('trunkline.gemini');
    const last = JSON.stringify(lastBody('gemini'));
    for (const model of ['gemini', 'anthropic', 'openai']) expect(last).toContain(model);
  });
});
