import { describe, expect, it } from '@jest/globals';
import { catalogEntry } from '../../../test/support/catalog-entry.js';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { modelConfig, providerConfig, ScriptedAdapter } from '../../../test/support/scripted-providers.js';
import type { GatewayConfig, ModelConfig } from '../../config/gateway-config.js';
import { DomainEvents } from '../../core/domain-events.js';
import { Telemetry } from '../../core/telemetry/telemetry.js';
import { ProviderWatch } from '../provider-watch.js';
import { ModelResolver } from './model-resolver.js';
import { RouteTable } from './route-table.js';
import { TargetPool } from './target-pool.js';

const PRICES = { input: 1, output: 2 };
const ENTRIES = [
  catalogEntry({ model: 'dear', prices: { input: 9, output: 9 } }),
  catalogEntry({ model: 'cheap', prices: { input: 0.1, output: 0.2 } }),
  catalogEntry({ model: 'vectors', kind: 'embedding' }),
];

function tableOf(model: ModelConfig, prices: GatewayConfig['prices'] = {}): RouteTable {
  const clock = new FakeClock();
  const providers = [providerConfig(), providerConfig({ name: 'here', type: 'local' })];
  const catalog = { find: (_type: string, name: string) => ENTRIES.find((entry) => entry.model === name) ?? null };
  const pool = new TargetPool({
    providers,
    createAdapter: () => new ScriptedAdapter(clock),
    catalog,
    clock,
    watch: new ProviderWatch(new Telemetry(), new DomainEvents()),
    liveInstances: () => 1,
  });
  const resolver = new ModelResolver({ providers, models: [model] }, { list: () => [] });
  return new RouteTable({ resolver, pool, prices, clock, random: () => 0 });
}

function tiers(model: ModelConfig, prices: GatewayConfig['prices'] = {}): string {
  const { candidates } = tableOf(model, prices).find('m', 'chat');
  return candidates.map(({ target, tier }) => `${target.model}:${tier}`).join(' ');
}

/** A model with the targets, each as `provider/model` with its tier behind it where it has one. */
function tiered(...targets: readonly string[]): ModelConfig {
  const model = modelConfig(
    'm',
    targets.map((target) => target.split(' ')[0] ?? ''),
    { routing: 'auto' },
  );
  return {
    ...model,
    targets: model.targets.map((target, index) => {
      const tier = targets[index]?.split(' ')[1];
      return { ...target, tier: tier === 'small' || tier === 'large' ? tier : null };
    }),
  };
}

describe('RouteTable', () => {
  it('keeps what it built for an alias, and shares its targets with their other names', () => {
    const table = tableOf(modelConfig('m', ['a/cheap']));
    const route = table.find('m', 'chat');
    expect(table.find('m', 'chat')).toBe(route);
    expect(table.find('a/cheap', 'chat').candidates[0]?.target).toBe(route.candidates[0]?.target);
  });

  it('keeps what it built for other names too, as long as the pool keeps their targets', () => {
    const table = tableOf(modelConfig('m', ['a/cheap']));
    const route = table.find('a/dear', 'chat');
    expect(table.find('a/dear', 'chat')).toBe(route);
    for (let index = 0; index < 500; index += 1) table.find(`a/thought-up-${String(index)}`, 'chat');
    const anew = table.find('a/dear', 'chat');
    expect(anew).not.toBe(route);
    expect(anew.candidates[0]?.target).not.toBe(route.candidates[0]?.target);
    // Another 499 names later the pool has not forgotten it, nor that it was used.
    for (let index = 0; index < 499; index += 1) table.find(`a/other-${String(index)}`, 'chat');
    expect(table.find('a/dear', 'chat')).toBe(anew);
  });

  it('tells chat from embeddings', () => {
    const table = tableOf(modelConfig('m', ['a/vectors']));
    expect(table.find('m', 'embed').candidates).toHaveLength(1);
    expect(() => table.find('m', 'chat')).toThrow(expect.objectContaining({ code: 'unsupported_capability' }));
  });

  it('resolves the fallback for long prompts, without what cannot chat', () => {
    const { contextFallback } = modelConfig('m', [], {
      contextFallback: modelConfig('x', ['a/vectors', 'a/dear']).targets,
    });
    const route = tableOf(modelConfig('m', ['a/cheap'], { contextFallback })).find('m', 'chat');
    expect(route.contextFallback.map(({ target }) => target.model)).toEqual(['dear']);
  });

  it('prefers the configured price to the catalogue, and takes what runs here for free', () => {
    const table = tableOf(modelConfig('m', ['a/cheap', 'a/dear', 'a/other', 'here/any']), { 'a/dear': PRICES });
    expect(table.find('m', 'chat').candidates.map(({ prices }) => prices?.prices.input ?? null)).toEqual([
      0.1,
      1,
      null,
      0,
    ]);
  });

  it.each([
    ['the configured tiers', tiered('a/dear small', 'a/cheap large'), {}, 'dear:small cheap:large'],
    ['the cheapest is small', tiered('a/dear', 'a/cheap', 'a/other'), {}, 'dear:large cheap:small other:large'],
    ['by configured prices too', tiered('a/other', 'a/dear'), { 'a/other': PRICES }, 'other:small dear:large'],
    ['the rest is large when one is small', tiered('a/dear small', 'a/cheap'), {}, 'dear:small cheap:large'],
    ['the cheapest of the rest, when one is large', tiered('a/cheap large', 'a/dear'), {}, 'cheap:large dear:small'],
    ['none is small without a price', tiered('a/one', 'a/two'), {}, 'one:large two:large'],
  ])('tiers: %s', (_name, model, prices, expected) => {
    expect(tiers(model, prices)).toBe(expected);
  });
});
