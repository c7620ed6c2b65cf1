import { describe, expect, it } from '@jest/globals';
import { catalogEntry } from '../../../test/support/catalog-entry.js';
import {
  chatOnce,
  createWorld,
  failure,
  modelConfig,
  providerConfig,
} from '../../../test/support/scripted-providers.js';
import type { ChatMessage, ChatRequest } from '../../core/chat/chat-request.js';
import type { CatalogEntry } from '../catalog/catalog-entry.js';

const image: ChatMessage = { role: 'user', content: [{ type: 'image', source: { kind: 'url', url: 'https://a/b' } }] };
const CATALOG = [
  catalogEntry({ model: 'talks' }),
  catalogEntry({ model: 'calls', capabilities: { tools: true } }),
  catalogEntry({ model: 'sees', capabilities: { vision: true } }),
  catalogEntry({ model: 'structures', capabilities: { jsonSchema: true } }),
  catalogEntry({ model: 'short', contextWindow: 1_000 }),
  catalogEntry({ model: 'long', contextWindow: 100_000 }),
];

interface Options {
  catalog?: readonly CatalogEntry[];
  contextFallback?: readonly string[];
  /** Providers that do not take any chat request. */
  refusing?: readonly string[];
  scripts?: Parameters<typeof createWorld>[0] extends infer T ? (T extends { scripts?: infer S } ? S : never) : never;
}

/** Which targets a request was sent to, of providers that all fail unless scripted otherwise. */
async function sentTo(
  targets: readonly string[],
  request: Partial<ChatRequest>,
  options: Options = {},
): Promise<string> {
  const { contextFallback = [], refusing = [], scripts } = options;
  const names = [...new Set([...targets, ...contextFallback].map((target) => target.split('/')[0] ?? ''))];
  const fails = Object.fromEntries(names.map((name) => [name, [failure('timeout')]]));
  const world = createWorld({
    providers: names.map((name) => providerConfig({ name })),
    models: [modelConfig('m', targets, { contextFallback: modelConfig('x', contextFallback).targets })],
    catalog: CATALOG,
    scripts: { ...fails, ...scripts },
  });
  for (const name of refusing) {
    Object.assign(world.adapter(name), { refusalOf: () => ({ message: 'Not here.', param: 'n' }) });
  }
  const { call, code } = await chatOnce(world, request);
  return [...call.attempts.map(({ model }) => model), code].join(' ');
}

describe('ableCandidates', () => {
  it.each<[string, readonly string[], Partial<ChatRequest>, string]>([
    ['tools', ['a/talks', 'b/calls'], { tools: [{ name: 't' }] }, 'calls upstream_timeout'],
    ['images', ['a/talks', 'b/sees'], { messages: [image] }, 'sees upstream_timeout'],
    [
      'a schema, which any can be brought to meet',
      ['a/talks', 'b/structures'],
      { responseFormat: { type: 'json-schema', name: 's', schema: {} } },
      'talks structures upstream_timeout',
    ],
    ['nothing special', ['a/talks', 'b/sees'], {}, 'talks sees upstream_timeout'],
    ['something unknown', ['a/unknown', 'b/calls'], { tools: [{ name: 't' }] }, 'unknown calls upstream_timeout'],
    ['what nobody is known to do', ['a/talks', 'b/sees'], { tools: [{ name: 't' }] }, 'talks sees upstream_timeout'],
    ['what the only target is said not to do', ['a/talks'], { messages: [image] }, 'talks upstream_timeout'],
  ])('%s', async (_name, targets, request, expected) => {
    expect(await sentTo(targets, request)).toBe(expected);
  });

  const prompt = (characters: number): Partial<ChatRequest> => ({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'x'.repeat(characters) }] }],
  });

  it.each<[string, readonly string[], number, readonly string[], string]>([
    ['fits', ['a/short', 'b/long'], 6_000, [], 'short long upstream_timeout'],
    ['is too long for one', ['a/short', 'b/long'], 6_001, [], 'long upstream_timeout'],
    ['may fit where nothing is known', ['a/short', 'b/unknown'], 6_001, [], 'unknown upstream_timeout'],
    ['is too long for the only one', ['a/short'], 6_001, [], 'short upstream_timeout'],
    ['is too long for all, with a fallback', ['a/short'], 6_001, ['b/long'], 'long upstream_timeout'],
    ['is too long for the fallback as well', ['a/short'], 600_001, ['b/long'], 'short upstream_timeout'],
    ['does not need the fallback', ['a/short'], 100, ['b/long'], 'short upstream_timeout'],
  ])('a prompt that %s', async (_name, targets, characters, contextFallback, expected) => {
    expect(await sentTo(targets, prompt(characters), { contextFallback })).toBe(expected);
  });

  it('F14: what a provider finds too long goes to the fallback that can take it', async () => {
    const scripts = { a: [failure('context-length')] };
    const options = { contextFallback: ['b/long'], scripts };
    expect(await sentTo(['a/short', 'c/talks'], {}, options)).toBe('short long upstream_timeout');
    expect(await sentTo(['a/short'], {}, { ...options, refusing: ['b'] })).toBe('short context_length_exceeded');
    expect(await sentTo(['a/short'], {}, { scripts })).toBe('short context_length_exceeded');
  });

  it('asks nobody for the meaning of token numbers who does not read them', async () => {
    const asked = (prompt: number[] | string): Promise<string> =>
      sentTo(['a/talks'], { source: { dialect: 'openai-completions', body: { prompt } } });
    expect(await asked([1, 2])).toBe('unsupported_capability');
    expect(await asked('text')).toBe('talks upstream_timeout');
  });

  it('leaves out who refuses, and refuses when all do', async () => {
    expect(await sentTo(['a/x', 'b/y'], {}, { refusing: ['a'] })).toBe('y upstream_timeout');
    expect(await sentTo(['a/x', 'b/y'], {}, { refusing: ['a', 'b'] })).toBe('unsupported_capability');
  });
});
