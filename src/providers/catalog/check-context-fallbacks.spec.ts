import { describe, expect, it } from '@jest/globals';
import { createWorld, modelConfig, providerConfig } from '../../../test/support/scripted-providers.js';
import type { TargetConfig } from '../../config/gateway-config.js';
import { checkContextFallbacks } from './check-context-fallbacks.js';
import { ModelCatalog } from './model-catalog.js';

const catalog = new ModelCatalog();
const providers = [
  providerConfig({ name: 'openai', type: 'openai' }),
  providerConfig({ name: 'gemini', type: 'gemini' }),
  providerConfig({ name: 'az', type: 'azure-openai', azure: { apiVersion: null, deployments: { ours: 'gpt-4o' } } }),
];

function target(text: string): TargetConfig {
  const [provider = '', model = ''] = text.split('/');
  return { provider, model, weight: 1, tier: null };
}

function check(targets: string[], fallbacks: string[]): string[] {
  const model = modelConfig('m', targets, { contextFallback: fallbacks.map(target) });
  return checkContextFallbacks({ providers, models: [model] }, catalog).map(
    ({ where, message }) => `${where}: ${message}`,
  );
}

describe('checkContextFallbacks', () => {
  it.each([
    [['openai/gpt-4o'], ['gemini/gemini-2.5-pro']],
    [
      ['openai/gpt-4o', 'az/ours'],
      ['openai/gpt-5.4', 'gemini/gemini-2.5-pro'],
    ],
    [['openai/never-heard-of'], ['openai/gpt-4']],
    [['gemini/gemini-2.5-pro'], ['openai/never-heard-of']],
    [['openai/gpt-4o'], []],
  ])('lets %j fall back to %j', (targets, fallbacks) => {
    expect(check(targets, fallbacks)).toEqual([]);
  });

  it.each([
    [['openai/gpt-4o'], ['openai/gpt-4o-mini']],
    [['az/ours'], ['openai/gpt-4o-mini']],
    [['openai/gpt-4o'], ['az/ours']],
    [['openai/gpt-4', 'gemini/gemini-2.5-pro'], ['openai/gpt-4o']],
    [['openai/gpt-4o', 'openai/never-heard-of'], ['openai/gpt-4']],
  ])('refuses that %j fall back to %j, whose window is no larger', (targets, fallbacks) => {
    expect(check(targets, fallbacks)).toEqual([
      expect.stringMatching(/^models\.m\.context_fallback: \S+ reads [\d,]+ tokens, no more than a target of "m" does/),
    ]);
  });

  it('stops the start', () => {
    const large = catalog.find('openai', 'gpt-4o');
    if (!large) throw new Error('The catalogue has lost a model.');
    const entries = ['x', 'y'].map((model) => ({ ...large, vendor: 'other' as const, model }));
    const models = [modelConfig('m', ['a/x'], { contextFallback: [target('b/y')] })];
    expect(() => createWorld({ models, catalog: entries })).toThrow(
      /^The configuration has 1 problem:\n {2}- models\.m/,
    );
  });
});
