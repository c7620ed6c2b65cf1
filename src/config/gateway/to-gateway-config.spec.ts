import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { GatewayConfig } from '../gateway-config.js';
import { configure, NO_VENDORS } from '../../../test/support/configure-gateway.js';
import type { VendorVariables } from './environment-providers.js';

const BOTH_VENDORS = { ...NO_VENDORS, OPENAI_API_KEY: 'sk-o', ANTHROPIC_API_KEY: 'sk-a' };
const LAB = 'lab: { type: openai-compatible, base_url: "http://lab:8000/v1/" }';

function targetsOf(gateway: GatewayConfig, name: string): string[] {
  const model = gateway.models.find((candidate) => candidate.name === name);
  return (model?.targets ?? []).map((target) => `${target.provider}/${target.model}`);
}

describe('without a models file', () => {
  it('serves the built-in provider when there is no key', () => {
    const { gateway, problems } = configure('');
    expect(problems).toEqual([]);
    expect(gateway.providers.map((provider) => provider.name)).toEqual(['local']);
    expect(gateway.models.map((model) => model.name)).toEqual(['fast', 'smart', 'reasoning', 'budget', 'creative']);
    expect(targetsOf(gateway, 'smart')).toEqual(['local/extractive']);
    expect(gateway.defaults).toEqual({ chat: 'local/extractive', embeddings: 'local/lexical-384' });
    expect(gateway.unpricedModels).toBe('flag');
  });

  it.each([
    [{ ...NO_VENDORS, OPENAI_API_KEY: 'sk' }, ['openai/gpt-5.6'], 'openai/gpt-5.4-mini'],
    [{ ...NO_VENDORS, ANTHROPIC_API_KEY: 'sk' }, ['anthropic/claude-sonnet-5'], 'anthropic/claude-sonnet-5'],
    [BOTH_VENDORS, ['openai/gpt-5.6', 'anthropic/claude-sonnet-5'], 'openai/gpt-5.4-mini'],
    [{ ...NO_VENDORS, GEMINI_API_KEY: 'g' }, ['gemini/gemini-3.6-flash'], 'gemini/gemini-3.6-flash'],
    [
      { ...NO_VENDORS, GOOGLE_API_KEY: 'g', ANTHROPIC_API_KEY: 'sk' },
      ['anthropic/claude-sonnet-5', 'gemini/gemini-3.6-flash'],
      'anthropic/claude-sonnet-5',
    ],
    // What is deployed there is the user's own affair.
    [
      { ...NO_VENDORS, AZURE_OPENAI_API_KEY: 'z', AZURE_OPENAI_ENDPOINT: 'https://r.example' },
      ['local/extractive'],
      'local/extractive',
    ],
  ])('puts the aliases over the keyed vendors of %j', (vendors, smart, chat) => {
    const { gateway } = configure('', vendors);
    expect(targetsOf(gateway, 'smart')).toEqual(smart);
    expect(gateway.defaults).toEqual({ chat, embeddings: 'local/lexical-384' });
    expect(gateway.providers.at(-1)?.name).toBe('local');
  });

  it('makes the providers gemini and azure of the environment', () => {
    const { gateway, problems } = configure('', {
      ...NO_VENDORS,
      GEMINI_API_KEY: 'g-1',
      GOOGLE_API_KEY: 'g-2',
      GEMINI_BASE_URL: 'http://gemini:1/',
      AZURE_OPENAI_API_KEY: 'z',
      AZURE_OPENAI_ENDPOINT: 'https://r.example/',
      AZURE_OPENAI_API_VERSION: '2024-10-21',
    });
    expect(problems).toEqual([]);
    expect(gateway.providers).toMatchObject([
      { name: 'gemini', type: 'gemini', baseUrl: 'http://gemini:1', apiKeys: ['g-1'], azure: null, vertex: null },
      {
        name: 'azure',
        type: 'azure-openai',
        baseUrl: 'https://r.example',
        apiKeys: ['z'],
        models: [],
        azure: { apiVersion: '2024-10-21', deployments: {} },
      },
      { name: 'local' },
    ]);
  });

  it.each<[Partial<VendorVariables>, string]>([
    [{ AZURE_OPENAI_API_KEY: 'z' }, 'AZURE_OPENAI_ENDPOINT: is missing; AZURE_OPENAI_API_KEY needs the endpoint'],
    [{ GEMINI_BASE_URL: 'http://g/v1beta' }, 'GEMINI_BASE_URL: must not end in /v1, /v1beta or /models'],
    [{ ANTHROPIC_BASE_URL: 'http://a/v1' }, 'ANTHROPIC_BASE_URL: must not end in /v1'],
    [{ AZURE_OPENAI_ENDPOINT: 'http://a/openai/deployments/x' }, 'AZURE_OPENAI_ENDPOINT: must not end in a deployment'],
  ])('refuses the variables %j', (variables, expected) => {
    const { problems } = configure('', { ...NO_VENDORS, ...variables });
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  it('does not ask for an endpoint when the file has its own providers', () => {
    expect(configure(`providers: { ${LAB} }`, { ...NO_VENDORS, AZURE_OPENAI_API_KEY: 'z' }).problems).toEqual([]);
  });
});

describe('a models file', () => {
  it("says which of OpenAI's surfaces a server has, and which there are", () => {
    const server = (apis: string): string =>
      `providers: { lab: { type: openai-compatible, base_url: http://lab/v1, apis: ${apis} } }`;
    const { gateway, problems } = configure(server('[chat, responses]'), NO_VENDORS);
    expect([gateway.providers[0]?.apis, problems]).toEqual([['chat', 'responses'], []]);
    for (const apis of ['[]', '[chat, chat]', '[messages]', 'chat']) {
      expect(configure(server(apis), NO_VENDORS).problems).not.toEqual([]);
    }
  });

  it('gives complete providers, with defaults and variables filled in', () => {
    const { gateway, problems } = configure(
      `providers:
  ${LAB}
  vendor:
    type: openai
    api_keys: ["\${KEY}", "\${OTHER:-}", "\${THIRD:-sk-3}"]
    headers: { x-team: "a \${KEY} b" }
    breaker:
      failure_ratio: \${RATIO}
    finish_reason_optional: \${YES}`,
      BOTH_VENDORS,
    );
    expect(problems).toEqual([]);
    const breaker = { failureRatio: 0.5, minRequests: 10, windowMs: 30_000, openMs: 15_000, probes: 1 };
    const unlimited = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null };
    const rest = { limits: unlimited, queue: { size: 100, waitMs: 10_000 }, azure: null, vertex: null };
    expect(gateway.providers).toEqual([
      {
        ...rest,
        name: 'lab',
        type: 'openai-compatible',
        baseUrl: 'http://lab:8000/v1',
        apiKeys: [],
        models: [],
        headers: {},
        breaker,
        finishReasonOptional: false,
      },
      {
        ...rest,
        name: 'vendor',
        type: 'openai',
        baseUrl: null,
        apiKeys: ['sk-1', 'sk-3'],
        models: [],
        headers: { 'x-team': 'a sk-1 b' },
        breaker: { ...breaker, failureRatio: 0.25 },
        finishReasonOptional: true,
      },
      expect.objectContaining({ name: 'local', type: 'local' }),
    ]);
  });

  it('gives what Azure, Gemini and Vertex need, with limits and queues', () => {
    const credentials = fileURLToPath(new URL('../../../package.json', import.meta.url));
    const { gateway, problems } = configure(`providers:
  az:
    type: azure-openai
    base_url: https://r.openai.azure.com
    api_keys: [k]
    api_version: 2025-04-01-preview
    deployments: { ours: gpt-4o, embed-eu: text-embedding-3-small }
    limits: { requests_per_minute: 60, tokens_per_minute: 90000, concurrency: "\${EIGHT}" }
    queue: { size: 0 }
  g: { type: gemini, base_url: "http://g", api_keys: [k] }
  vx: { type: vertex, project: our-project, location: europe-west4, credentials_file: ${credentials} }
  express: { type: vertex, project: our-project, location: global, api_keys: [k] }`);
    expect(problems).toEqual([]);
    expect(gateway.providers).toMatchObject([
      {
        name: 'az',
        models: ['ours', 'embed-eu'],
        limits: { requestsPerMinute: 60, tokensPerMinute: 90_000, concurrency: 8 },
        queue: { size: 0, waitMs: 10_000 },
        azure: {
          apiVersion: '2025-04-01-preview',
          deployments: { ours: 'gpt-4o', 'embed-eu': 'text-embedding-3-small' },
        },
        vertex: null,
      },
      { name: 'g', type: 'gemini', azure: null, vertex: null },
      {
        name: 'vx',
        apiKeys: [],
        vertex: { project: 'our-project', location: 'europe-west4', credentialsFile: credentials },
      },
      { name: 'express', apiKeys: ['k'], vertex: { credentialsFile: null } },
      { name: 'local' },
    ]);
  });

  it.each([
    ['models: { m: { targets: [local/a, local/b], routing: latency } }', { routing: 'latency' }],
    ['models: { m: { targets: [local/a, local/b], routing: price } }', { routing: 'price' }],
    [
      'models: { m: { targets: [{ model: local/a, weight: 0.5 }, local/b], routing: weighted } }',
      {
        routing: 'weighted',
        targets: [
          { model: 'a', weight: 0.5 },
          { model: 'b', weight: 1 },
        ],
      },
    ],
    [
      'models: { m: { targets: [{ model: local/a, tier: large }, { model: local/b, tier: small }], routing: auto } }',
      { routing: 'auto', targets: [{ tier: 'large' }, { tier: 'small' }] },
    ],
    [
      'models: { m: { targets: [local/a], context_fallback: [local/b/c] } }',
      { contextFallback: [{ provider: 'local', model: 'b/c', weight: 1, tier: null }] },
    ],
  ])('takes the routing of %s', (text, expected) => {
    const { gateway, problems } = configure(text);
    expect(problems).toEqual([]);
    expect(gateway.models[0]).toMatchObject(expected);
  });

  it('gives models, prices and defaults; standard aliases stay where it defines none', () => {
    const { gateway, problems } = configure(`providers: { ${LAB} }
models:
  smart:
    targets: [lab/org/llama, { model: local/extractive }]
    timeouts:
      connect_ms: 100
      response_head_ms: \${HEAD_MS}
prices:
  lab/org/llama: { input: 0.1, output: 0.2, cached_input: 0.01 }
defaults: { chat: smart, embeddings: lab/bge-m3 }
unpriced_models: refuse`);
    expect(problems).toEqual([]);
    expect(targetsOf(gateway, 'smart')).toEqual(['lab/org/llama', 'local/extractive']);
    expect(gateway.models[0]?.timeouts).toEqual({ connectMs: 100, responseHeadMs: 750 });
    expect(targetsOf(gateway, 'fast')).toEqual(['local/extractive']);
    expect(gateway.prices['lab/org/llama']).toMatchObject({ input: 0.1, output: 0.2, cachedInput: 0.01 });
    expect(gateway.defaults).toEqual({ chat: 'smart', embeddings: 'lab/bge-m3' });
    expect(gateway.unpricedModels).toBe('refuse');
  });

  it('keeps the environment’s vendors when it lists no providers', () => {
    const { gateway, problems } = configure('models: { best: { targets: [anthropic/claude-opus-5] } }', BOTH_VENDORS);
    expect(problems).toEqual([]);
    expect(targetsOf(gateway, 'best')).toEqual(['anthropic/claude-opus-5']);
  });

  it('leaves out a vendor whose optional key is missing, with its targets', () => {
    const { gateway, problems } = configure(`providers:
  openai: { type: openai, api_keys: ["\${NONE:-}"] }
  ${LAB}
models:
  both: { targets: [openai/gpt-5.6, lab/llama] }
  gone: { targets: [openai/gpt-5.6] }
defaults: { chat: gone }`);
    expect(problems).toEqual([]);
    expect(gateway.providers.map((provider) => provider.name)).toEqual(['lab', 'local']);
    expect(targetsOf(gateway, 'both')).toEqual(['lab/llama']);
    expect(gateway.models.map((model) => model.name)).not.toContain('gone');
    expect(gateway.defaults.chat).toBe('local/extractive');
  });
});
