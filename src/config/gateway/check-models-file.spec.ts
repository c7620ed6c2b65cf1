import { describe, expect, it } from '@jest/globals';
import { configure } from '../../../test/support/configure-gateway.js';

describe('a wrong models file', () => {
  it.each([
    ['providers: [', /^f\.yaml: .*line 1/],
    ['a: 1\na: 2', /^f\.yaml: Map keys must be unique/],
    ['provider: {}', /^f\.yaml: provider: is not a known key; known here: providers, models, prices, defaults, /],
    ['- 1', /^f\.yaml: must be a map/],
    ['providers: { x: { type: bedrock } }', /^f\.yaml: providers\.x\.type: must be one of openai, anthropic, /],
    ['providers: { x: { type: gemini } }', /^f\.yaml: providers\.x\.api_keys: is missing$/],
    ['providers: { x: { type: azure-openai, api_keys: [k] } }', /providers\.x\.base_url: is missing$/],
    ['providers: { x: { type: azure-openai, base_url: "http://x" } }', /providers\.x\.api_keys: is missing$/],
    ['providers: { x: { type: vertex, location: global } }', /providers\.x\.project: is missing$/],
    ['providers: { x: { type: vertex, project: our-project } }', /providers\.x\.location: is missing$/],
    [
      'providers: { x: { type: vertex, project: Our Project, location: global } }',
      /x\.project: must be the id of a Google Cloud project, 3 or more of a-z, 0-9 and -$/,
    ],
    [
      'providers: { x: { type: vertex, project: our-project, location: global, credentials_file: none.json } }',
      /x\.credentials_file: names a file that cannot be read \(ENOENT\): none\.json$/,
    ],
    [
      `providers: { x: { type: vertex, project: our-project, location: global, credentials_file: "${import.meta.filename}" } }`,
      /x\.credentials_file: names a file that does not hold the JSON of credentials: \//,
    ],
    ['providers: { x: { type: gemini, api_keys: [k], project: our-project } }', /x\.project: is not allowed for a/],
    [
      'providers: { x: { type: gemini, api_keys: [k], project: Our Project } }',
      /x\.project: is not allowed for a provider of this type$/,
    ],
    ['providers: { x: { type: openai, api_keys: [k], api_version: v1 } }', /x\.api_version: is not allowed for a/],
    [
      'providers: { x: { type: vertex, project: ppp, location: global, deployments: {} } }',
      /deployments: is not allowed/,
    ],
    ['providers: { x: { type: local, credentials_file: f } }', /x\.credentials_file: is not allowed for a provider of/],
    [
      'providers: { x: { type: gemini, api_keys: [k], base_url: "http://x/v1beta" } }',
      /must not end in \/v1, \/v1beta or/,
    ],
    [
      'providers: { x: { type: vertex, project: ppp, location: global, base_url: "http://x/v1/" } }',
      /base_url: must not end in .* for a provider of type vertex$/,
    ],
    [
      'providers: { x: { type: azure-openai, api_keys: [k], base_url: "http://x/openai/deployments/ours" } }',
      /base_url: must not end in a deployment for a provider of type azure-openai$/,
    ],
    ['providers: { x: { type: local, limits: { concurrency: 0 } } }', /x\.limits\.concurrency: must be at least 1$/],
    [
      'providers: { x: { type: local, limits: { rpm: 5 } } }',
      /x\.limits\.rpm: is not a known key; known here: requests/,
    ],
    ['providers: { x: { type: local, queue: { size: -1 } } }', /x\.queue\.size: must be at least 0$/],
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
    ['models: { m: { targets: [] } }', /models\.m\.targets: must not be empty$/],
    ['models: { m: { targets: [llama] } }', /models\.m\.targets\[0\]: must be provider\/model/],
    ['models: { m: { targets: [nobody/llama] } }', /targets\[0\]: names the unknown provider "nobody"; known: local/],
    ['models: { local: { targets: [local/extractive] } }', /models\.local: has the name of a provider/],
    [
      'models: { m: { targets: [local/a], routing: random } }',
      /m\.routing: must be one of priority, weighted, latency, /,
    ],
    [
      'models: { m: { targets: [{ model: local/a, weight: 2 }] } }',
      /targets\[0\]\.weight: has a meaning only with routing: weig/,
    ],
    [
      'models: { m: { targets: [{ model: local/a, weight: 0 }], routing: weighted } }',
      /models\.m\.targets\[0\]\.weight: must be more than 0$/,
    ],
    [
      'models: { m: { targets: [{ model: local/a, tier: small }], routing: price } }',
      /targets\[0\]\.tier: has a meaning only with routing: auto$/,
    ],
    [
      'models: { m: { targets: [{ model: local/a, tier: medium }], routing: auto } }',
      /targets\[0\]\.tier: must be one of small, large$/,
    ],
    [
      'models: { m: { kind: embeddings, targets: [local/a], routing: auto } }',
      /m\.routing: must not be auto for embeddings/,
    ],
    [
      'models: { m: { kind: embeddings, targets: [local/a], context_fallback: [local/b] } }',
      /m\.context_fallback: is for chat models only/,
    ],
    [
      'models: { m: { targets: [local/a], context_fallback: [big] } }',
      /context_fallback\[0\]: must be provider\/model$/,
    ],
    ['models: { m: { targets: [local/a], context_fallback: [x/b] } }', /fallback\[0\]: names the unknown provider "x"/],
    [
      'models: { m: { targets: [local/a], context_fallback: [local/a] } }',
      /fallback\[0\]: is a target of this model already/,
    ],
    ['models: { m: { targets: [local/extractive], hedges: {} } }', /models\.m\.hedges: is not a known key/],
    ['models: { m: { targets: [local/extractive], hedge: {} } }', /models\.m\.hedge: needs a second target/],
    ['models: { m: { targets: [local/a, local/a], hedge: {} } }', /models\.m\.hedge: needs a second target/],
    [
      'models: { m: { targets: [local/a, local/b], hedge: { after: p50 } } }',
      /hedge\.after: must be one of p90, p95, p99/,
    ],
    ['models: { m: { targets: [local/a, local/b], hedge: { max_extra: 0 } } }', /max_extra: must be more than 0$/],
    ['models: { m: { targets: [local/a, local/b], hedge: { max_extra: 2 } } }', /max_extra: must be at most 1$/],
    ['models: { m: { targets: [local/a], single_flight: often } }', /single_flight: must be true or false$/],
    ['models: { m: { kind: embeddings, targets: [local/a], single_flight: true } }', /flight: is for chat models only/],
    ['models: { m: { targets: [local/a], on_stream_failure: retry } }', /failure: must be one of error, continue$/],
    [
      'models: { m: { kind: embeddings, targets: [local/a], on_stream_failure: continue } }',
      /on_stream_failure: is for chat models only$/,
    ],
    ['continuation: { instruction: "" }', /^f\.yaml: continuation\.instruction: /],
    [
      'models: { m: { targets: [local/x], timeouts: { idle_ms: "5" , total_ms: soon } } }',
      /total_ms: must be a whole number/,
    ],
    ['models: { m: { targets: [local/lexical-384, local/other] } }', /models\.m\.targets: mixes the embedding models/],
    ['models: { m: { kind: embeddings, targets: [local/a, local/b] } }', /models\.m\.targets: mixes the embedding/],
    ['prices: { nobody/m: { input: 1, output: 1 } }', /prices\["nobody\/m"\]: names the unknown provider/],
    ['prices: { local/m: { input: -1, output: 1 } }', /prices\["local\/m"\]\.input: must be at least 0$/],
    ['defaults: { chat: best }', /defaults\.chat: "best" is neither an alias nor provider\/model/],
    ['answers: { follow_up_model: best }', /answers\.follow_up_model: "best" is neither an alias nor provider\/model/],
    ['answers: { min_confidence: 2 }', /answers\.min_confidence: must be at most 1$/],
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
      expect.stringMatching(
        /^f\.yaml: surprise: is not a known key; known here: providers, models, prices, .*\bunpriced_models$/,
      ),
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
