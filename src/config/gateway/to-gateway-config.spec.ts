import { describe, expect, it } from '@jest/globals';
import type { GatewayConfig } from '../gateway-config.js';
import { parseModelsFile } from './read-models-file.js';
import { toGatewayConfig } from './to-gateway-config.js';
import type { VendorVariables } from './to-providers.js';

const NO_VENDORS: VendorVariables = {
  OPENAI_API_KEY: null,
  OPENAI_BASE_URL: null,
  ANTHROPIC_API_KEY: null,
  ANTHROPIC_BASE_URL: null,
};
const BOTH_VENDORS = { ...NO_VENDORS, OPENAI_API_KEY: 'sk-o', ANTHROPIC_API_KEY: 'sk-a' };
const VARIABLES: Readonly<Record<string, string>> = { KEY: 'sk-1', HEAD_MS: '750', RATIO: '0.25', YES: 'true' };
const LAB = 'lab: { type: openai-compatible, base_url: "http://lab:8000/v1/" }';

function configure(text: string, vendors = NO_VENDORS): { gateway: GatewayConfig; problems: string[] } {
  const { gateway, problems } = toGatewayConfig(
    parseModelsFile(text, 'f.yaml', (name) => VARIABLES[name] ?? null),
    vendors,
  );
  return { gateway, problems: problems.map(({ where, message }) => `${where}: ${message}`) };
}

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
  ])('puts the aliases over the keyed vendors of %j', (vendors, smart, chat) => {
    const { gateway } = configure('', vendors);
    expect(targetsOf(gateway, 'smart')).toEqual(smart);
    expect(gateway.defaults).toEqual({ chat, embeddings: 'local/lexical-384' });
    expect(gateway.providers.at(-1)?.name).toBe('local');
  });
});

describe('a models file', () => {
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
    expect(gateway.providers).toEqual([
      {
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

describe('a wrong models file', () => {
  it.each([
    ['providers: [', /^f\.yaml: .*line 1/],
    ['a: 1\na: 2', /^f\.yaml: Map keys must be unique/],
    ['provider: {}', /^f\.yaml: provider: is not a known key; known here: providers, models, prices, defaults, /],
    ['- 1', /^f\.yaml: must be a map/],
    ['providers: { x: { type: gemini } }', /^f\.yaml: providers\.x\.type: must be one of openai, anthropic, /],
    ['providers: { x: { type: openai } }', /^f\.yaml: providers\.x\.api_keys: is missing$/],
    [
      'providers: { x: { type: openai, api_keys: ["${NONE}"] } }',
      /providers\.x\.api_keys\[0\]: the variable NONE is not set/,
    ],
    ['providers: { x: { type: openai, api_keys: ["${NO-NE}"] } }', /providers\.x\.api_keys\[0\]: \$\{NO-NE\} is not/],
    ['providers: { "a/b": { type: local } }', /providers\["a\/b"\]: is not a usable name/],
    ['providers: { __proto__: { type: local } }', /providers\.__proto__: is not a usable name/],
    ['providers: { local: { type: openai, api_keys: [k] } }', /providers\.local: is the name of the built-in provider/],
    ['providers: { smart: { type: openai, api_keys: [k] } }', /providers\.smart: is the name of an alias/],
    ['providers: { l: { type: local, base_url: "http://x" } }', /providers\.l\.base_url: is not allowed/],
    [
      'providers: { x: { type: openai-compatible, base_url: "ftp://x" } }',
      /base_url: must be a URL that begins with http/,
    ],
    ['providers: { x: { type: anthropic, api_keys: [k], base_url: "http://x/v1" } }', /base_url: must not end in \/v1/],
    ['models: { m: { targets: [] } }', /models\.m\.targets: must NOT have fewer than 1 items/],
    ['models: { m: { targets: [llama] } }', /models\.m\.targets\[0\]: must be provider\/model/],
    ['models: { m: { targets: [nobody/llama] } }', /targets\[0\]: names the unknown provider "nobody"; known: local/],
    ['models: { local: { targets: [local/extractive] } }', /models\.local: has the name of a provider/],
    [
      'models: { m: { targets: [local/extractive], routing: weighted } }',
      /models\.m\.routing: must be one of priority/,
    ],
    ['models: { m: { targets: [local/extractive], hedge: {} } }', /models\.m\.hedge: is not a known key/],
    [
      'models: { m: { targets: [local/x], timeouts: { idle_ms: "5" , total_ms: soon } } }',
      /total_ms: must be a whole number/,
    ],
    ['models: { m: { targets: [local/lexical-384, local/other] } }', /models\.m\.targets: mixes the embedding models/],
    ['models: { m: { kind: embeddings, targets: [local/a, local/b] } }', /models\.m\.targets: mixes the embedding/],
    ['prices: { nobody/m: { input: 1, output: 1 } }', /prices\["nobody\/m"\]: names the unknown provider/],
    ['prices: { local/m: { input: -1, output: 1 } }', /prices\["local\/m"\]\.input: must be >= 0/],
    ['defaults: { chat: best }', /defaults\.chat: "best" is neither an alias nor provider\/model/],
    ['defaults: { embeddings: openai/x }', /defaults\.embeddings: names the unknown provider "openai"/],
  ])('is refused with the place and the reason: %s', (text, expected) => {
    const { problems } = configure(text);
    expect(problems).toEqual([expect.stringMatching(expected)]);
  });

  it('reports wrong forms and wrong names together', () => {
    const { problems } = configure(`providers: { lab: { type: openai-compatible } }
models: { a: { targets: [lab/x] }, b: { targets: [none/x] } }
surprise: 1`);
    expect(problems).toEqual([
      'f.yaml: surprise: is not a known key; known here: providers, models, prices, defaults, unpriced_models',
      'f.yaml: providers.lab.base_url: is missing',
      'f.yaml: models.b.targets[0]: names the unknown provider "none"; known: lab, local',
    ]);
  });

  it('does not expand aliases without bound', () => {
    const layers = Array.from({ length: 12 }, (_, index) =>
      index === 0 ? 'a0: &a0 [x]' : `a${String(index)}: &a${String(index)} [${`*a${String(index - 1)},`.repeat(9)}]`,
    );
    expect(configure(layers.join('\n')).problems).toEqual(['f.yaml: has too many or unresolved YAML aliases']);
  });

  it('allows embedding targets that are one model under several roofs', () => {
    const text = 'models: { e: { targets: [local/bge-embed, local/org/BGE-embed] } }';
    expect(configure(text).problems).toEqual([]);
  });
});
