import { describe, expect, it } from '@jest/globals';
import type { AzureConfig } from '../../config/gateway-config.js';
import { catalogModelOf, knownModelsOf } from './catalog-model.js';
import { ModelCatalog } from './model-catalog.js';

const azure: AzureConfig = { apiVersion: null, deployments: { prod: 'gpt-4o' } };

describe(catalogModelOf.name, () => {
  it.each([
    ['the model behind a deployment', azure, 'prod', 'gpt-4o'],
    ['a deployment that nobody mapped', azure, 'gpt-4o-mini', 'gpt-4o-mini'],
    ['a name that every object has', azure, 'constructor', 'constructor'],
    ['a model of any other provider', null, 'prod', 'prod'],
  ])('is %s', (_what, config, model, expected) => {
    expect(catalogModelOf({ azure: config }, model)).toBe(expected);
  });
});

describe(knownModelsOf.name, () => {
  const catalog = new ModelCatalog();

  it('knows the deployments of Azure and not the models that could be deployed', () => {
    expect(knownModelsOf({ type: 'azure-openai', azure }, catalog)).toEqual(['prod']);
    expect(knownModelsOf({ type: 'openai', azure: null }, catalog)).toContain('gpt-4o');
  });
});
