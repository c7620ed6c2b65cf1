import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Gauntlet } from '../support/gauntlet.js';
import { ApiDocument, type Operation, type RawDocument } from '../support/openapi/api-document.js';
import { REFUSED_URLS } from '../support/refused-urls.js';
import { startCanaries, type WebHost } from '../support/web-host.js';

/** Codes of each kind of refusal: of the rules for URLs, and of surfaces that look at the form before. */
const CODES = {
  url: ['url_not_allowed', 'invalid_value'],
  scheme: ['url_scheme_not_allowed', 'invalid_value', 'invalid_data_url'],
  port: ['url_port_not_allowed'],
} as const;

const ADDRESS = /(?:^|[._])(?:url|uri)$/;
/** It names a route of ours, from a closed list; only texts stand there; files in conversations come whole, or by an id. */
const NO_ADDRESSES =
  / requests\[\]\.url$| system\[\]\.source\.url$|\/v1\/conversations.* items\[\]\.\w+\[\]\.file_url$/;

const user = (part: object): object[] => [{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, part] }];
const gpt = { model: 'openai/gpt-4o' };
const block = (type: string, url: string): object => ({
  ...gpt,
  max_tokens: 5,
  messages: user({ type, source: { type: 'url', url } }),
});
const claudeResult = (type: string, url: string): object => ({
  ...gpt,
  max_tokens: 5,
  messages: [
    { role: 'user', content: 'Look.' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'look', input: {} }] },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'c', content: [{ type, source: { type: 'url', url } }] }],
    },
  ],
});
const item = (part: object): object => ({ ...gpt, input: [{ role: 'user', content: [part] }] });
const output = (part: object): object => ({
  ...gpt,
  input: [
    { type: 'function_call', call_id: 'c', name: 'look', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c', output: [part] },
  ],
});

type Body = (url: string) => object;
/** A body with a URL for every field that takes one, by the end of `METHOD /path field`; a field without one fails the test. */
const BODIES: readonly (readonly [RegExp, readonly Body[]])[] = [
  [
    /\/v1\/(?:chat.*|extract) messages\[\]\.content\[\]\.image_url\.url$/,
    [(url) => ({ ...gpt, schema: undefined, messages: user({ type: 'image_url', image_url: { url } }) })],
  ],
  [
    /\/v1\/messages.* messages\[\]\.content\[\]\.source\.url$/,
    [
      (url) => block('image', url),
      (url) => block('document', url),
      (url) => claudeResult('image', url),
      (url) => claudeResult('document', url),
    ],
  ],
  [
    /\/v1\/messages.* mcp_servers\[\]\.url$/,
    [
      (url) => ({
        ...gpt,
        max_tokens: 5,
        messages: user({ type: 'text', text: 'a' }),
        mcp_servers: [{ type: 'url', name: 'a', url }],
      }),
    ],
  ],
  [/\/v1\/responses.* input\[\]\.content\[\]\.image_url$/, [(url) => item({ type: 'input_image', image_url: url })]],
  [/\/v1\/responses.* input\[\]\.content\[\]\.file_url$/, [(url) => item({ type: 'input_file', file_url: url })]],
  [/\/v1\/responses.* input\[\]\.output\[\]\.image_url$/, [(url) => output({ type: 'input_image', image_url: url })]],
  [/\/v1\/responses.* input\[\]\.output\[\]\.file_url$/, [(url) => output({ type: 'input_file', file_url: url })]],
  [
    /\/v1\/conversations.* items\[\]\.content\[\]\.image_url$/,
    [(url) => ({ items: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }] })],
  ],
  [
    /\/v1\/conversations.* items\[\]\.output\[\]\.image_url$/,
    [
      (url) => ({
        items: [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_image', image_url: url }] }],
      }),
    ],
  ],
  [
    /\/v1\/responses.* tools\[\]\.server_url$/,
    [(url) => ({ ...gpt, input: 'Hi', tools: [{ type: 'mcp', server_label: 'a', server_url: url }] })],
  ],
  [
    /\/v1\/moderations input\[\]\.image_url\.url$/,
    [(url) => ({ model: 'openai/omni-moderation-latest', input: [{ type: 'image_url', image_url: { url } }] })],
  ],
  [/\/v1\/webhooks url$/, [(url) => ({ url, events: ['index.failed'] })]],
  [/\/v1\/webhooks\/\{id\} url$/, [(url) => ({ url })]],
  [
    /\/v1\/batches webhook_url$/,
    [
      (url) => ({
        requests: [
          {
            custom_id: 'a',
            method: 'POST',
            url: '/v1/chat/completions',
            body: { ...gpt, messages: user({ type: 'text', text: 'a' }) },
          },
        ],
        webhook_url: url,
      }),
    ],
  ],
  [/\/admin\/tools url$/, [(url) => ({ name: 'tried', description: 'a', url })]],
  [/\/admin\/tools\/\{id\} url$/, [(url) => ({ url })]],
];

describe('bad inputs: every field of the OpenAPI document that takes a URL (S01 to S07)', () => {
  let gauntlet: Gauntlet;
  const fields: { place: string; operation: Operation }[] = [];
  const ids: Record<string, string> = {};
  const canaries: WebHost[] = [];

  beforeAll(async () => {
    gauntlet = await Gauntlet.start({ TRUNKLINE_SECRET: 'a secret of the tests, long enough for it' });
    canaries.push(...(await startCanaries()));
    const document = new ApiDocument((await (await gauntlet.app.get('/openapi.json')).json()) as RawDocument);
    for (const operation of document.operations) {
      if (operation.body?.type !== 'application/json') continue;
      const found = document
        .fields(operation.body.schema)
        .filter(({ path, schema }) => ADDRESS.test(path) && schema.type === 'string');
      for (const place of new Set(found.map(({ path }) => `${operation.name} ${path}`)))
        fields.push({ place, operation });
    }
    const hook = await gauntlet.app.post('/v1/webhooks', { url: 'https://example.com/', events: ['index.failed'] });
    ids.webhooks = ((await hook.json()) as { id: string }).id;
    const tool = await gauntlet.app.post('/admin/tools', {
      name: 'good',
      description: 'a',
      url: 'https://example.com/',
    });
    ids.tools = ((await tool.json()) as { id: string }).id;
    const conversation = await gauntlet.app.post('/v1/conversations', {});
    ids.conversations = ((await conversation.json()) as { id: string }).id;
  });

  afterAll(async () => {
    const visits = canaries.map(({ connections }) => connections);
    await Promise.all(canaries.map((canary) => canary.stop()));
    await gauntlet.close();
    expect(visits).toEqual(canaries.map(() => 0));
  });

  const bodiesOf = (place: string): readonly Body[] => BODIES.find(([pattern]) => pattern.test(place))?.[1] ?? [];

  const ask = (operation: Operation, body: object): Promise<Response> => {
    const path = operation.path.replace(/\/(\w+)\/\{id\}/, (_all, kind: string) => `/${kind}/${ids[kind] ?? 'none'}`);
    const text = JSON.stringify(operation.path === '/v1/extract' ? { ...body, schema: { type: 'object' } } : body);
    return gauntlet.app.request(operation.method, path, { text });
  };

  it('knows a body for each of them', () => {
    expect(fields.length).toBeGreaterThan(12);
    expect(
      fields.map(({ place }) => place).filter((place) => bodiesOf(place).length === 0 && !NO_ADDRESSES.test(place)),
    ).toEqual([]);
  });

  it.each(REFUSED_URLS)('%s: refuses what is no public address, everywhere: %s %j', async (_row, kind, urls) => {
    for (const { place, operation } of fields) {
      for (const body of bodiesOf(place)) {
        // What only counts tokens has nothing fetched; the canaries say so.
        if (/count_tokens|input_tokens/.test(place)) continue;
        for (const url of urls) {
          const response = await ask(operation, body(url));
          expect([place, url, response.status]).toEqual([place, url, 400]);
          await gauntlet.expectRefusal(response, { status: 400, code: CODES[kind] });
        }
      }
    }
    await gauntlet.expectUnharmed();
  });

  it('S01: never connects to this machine, also where nothing is refused', async () => {
    for (const { place, operation } of fields) {
      for (const body of bodiesOf(place)) {
        for (const { origin } of canaries) await (await ask(operation, body(`${origin}/a.png`))).text();
      }
    }
    expect(canaries.map(({ connections }) => connections)).toEqual(canaries.map(() => 0));
  });
});
