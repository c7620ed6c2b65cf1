import { describe, expect, it } from '@jest/globals';
import { modelConfig, providerConfig } from '../../test/support/scripted-providers.js';
import { ModelCatalog } from './catalog/model-catalog.js';
import { listModels } from './list-models.js';

const catalog = new ModelCatalog();

describe('listModels', () => {
  it('lists what was deployed at Azure, as the model behind it, and nothing else of that vendor', () => {
    const azure = { apiVersion: null, deployments: { ours: 'gpt-4o' } };
    const models = listModels(
      {
        providers: [providerConfig({ name: 'az', type: 'azure-openai', models: ['ours'], azure })],
        models: [modelConfig('alias', ['az/ours', 'az/other'])],
        prices: { 'az/other': { input: 1, output: 2 } },
      },
      catalog,
    );
    const known = catalog.find('openai', 'gpt-4o');
    const described = {
      contextWindow: known?.contextWindow,
      capabilities: known?.capabilities,
      pricing: known?.prices,
    };
    expect(models).toMatchObject([
      { id: 'alias', targets: ['az/ours', 'az/other'], ...described },
      { id: 'az/ours', kind: 'chat', ownedBy: 'az', aliases: ['ours', 'alias'], ...described },
      { id: 'az/other', capabilities: null, contextWindow: null, pricing: { input: 1, output: 2 } },
    ]);
  });

  it('lists the catalogue’s models of Gemini under both of its roofs, by their bare names under the first', () => {
    const vertex = { project: 'p', location: 'global', credentialsFile: null };
    const models = listModels(
      {
        providers: [
          providerConfig({ name: 'gemini', type: 'gemini' }),
          providerConfig({ name: 'vx', type: 'vertex', vertex }),
        ],
        models: [],
        prices: {},
      },
      catalog,
    );
    const find = (id: string) => models.find((model) => model.id === id);
    expect(find('gemini/gemini-2.5-pro')).toMatchObject({ aliases: ['gemini-2.5-pro'], contextWindow: 1_048_576 });
    expect(find('vx/gemini-2.5-pro')).toMatchObject({ aliases: [], contextWindow: 1_048_576 });
    expect(find('gemini/gemini-embedding-001')).toMatchObject({ kind: 'embedding', dimensions: 3072 });
  });
});
