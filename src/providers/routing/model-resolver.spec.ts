import { describe, expect, it } from '@jest/globals';
import { modelConfig, providerConfig } from '../../../test/support/scripted-providers.js';
import type { CatalogEntry } from '../catalog/catalog-entry.js';
import { ModelResolver } from './model-resolver.js';

const resolver = new ModelResolver(
  {
    providers: [
      providerConfig({ name: 'lab', models: ['llama', 'shared'] }),
      providerConfig({ name: 'openai', type: 'openai', models: ['shared'] }),
    ],
    models: [
      modelConfig('smart', ['openai/gpt', 'lab/llama'], { timeouts: { idleMs: 7 } }),
      modelConfig('llama', ['openai/gpt']),
    ],
  },
  { list: (type) => (type === 'openai' ? [{ model: 'gpt' }, { model: 'gpt-mini' }] : []) as CatalogEntry[] },
);

function resolve(name: string): string[] {
  return resolver.resolve(name).targets.map(({ provider, model, isConfigured }) => {
    return `${provider.name} ${model}${isConfigured ? ' configured' : ''}`;
  });
}

describe('ModelResolver', () => {
  it.each([
    ['smart', ['openai gpt configured', 'lab llama configured']],
    ['llama', ['openai gpt configured']],
    ['lab/llama', ['lab llama configured']],
    ['gpt', ['openai gpt configured']],
    ['gpt-mini', ['openai gpt-mini']],
    ['shared', ['lab shared configured']],
    ['openai/shared', ['openai shared configured']],
    ['lab/unlisted', ['lab unlisted']],
    ['lab/meta/llama:70b', ['lab meta/llama:70b']],
    ['openai/__proto__', ['openai __proto__']],
  ])('%s', (name, expected) => {
    expect(resolve(name)).toEqual(expected);
  });

  it('keeps the timers of an alias', () => {
    expect(resolver.resolve('smart').timeouts).toEqual({ idleMs: 7 });
  });

  it('resolves weights, tiers, the routing and where prompts go that are too long', () => {
    const target = (model: string, rest: object = {}) => ({ provider: 'lab', model, weight: 1, tier: null, ...rest });
    const alias = {
      ...modelConfig('m', []),
      routing: 'weighted' as const,
      targets: [target('one', { weight: 3 }), target('two', { tier: 'small' })],
      contextFallback: [target('long')],
    };
    const configured = new ModelResolver(
      { providers: [providerConfig({ name: 'lab' })], models: [alias] },
      { list: () => [] },
    );
    const route = configured.resolve('m');
    expect(route).toMatchObject({
      isAlias: true,
      routing: 'weighted',
      targets: [
        { model: 'one', weight: 3, tier: null },
        { model: 'two', weight: 1, tier: 'small' },
      ],
      contextFallback: [{ model: 'long', isConfigured: true }],
    });
    expect(configured.resolve('m')).toBe(route);
    expect(configured.resolve('lab/other')).toMatchObject({ isAlias: false, routing: 'priority', contextFallback: [] });
    expect(configured.resolve('lab/long').targets[0]?.isConfigured).toBe(true);
  });

  it.each([
    [''],
    ['/'],
    ['lab/'],
    ['/llama'],
    ['Smart'],
    ['GPT'],
    ['unknown'],
    ['nobody/llama'],
    ['__proto__'],
    ['constructor'],
    ['toString'],
    ['constructor/llama'],
    ['__proto__/llama'],
    ['lab/a b'],
    ['lab/a\nb'],
    ['lab/a\u0000'],
    ['lab/a\u200b'],
    ['lab/a\ud800'],
    [`lab/${'x'.repeat(300)}`],
  ])('does not know %j', (name) => {
    expect(() => resolver.resolve(name)).toThrow(
      expect.objectContaining({
        code: 'model_not_found',
        param: 'model',
        message: expect.stringContaining('/v1/models') as unknown,
      }),
    );
  });

  it('never echoes a name that is not readable', () => {
    expect(() => resolver.resolve('evil\n\u001b[31m')).toThrow('There is no model of that name.');
  });
});
