import { describe, expect, it } from '@jest/globals';
import { checkModelsFile } from './check-models-file.js';
import { embeddingModelsOf } from './embedding-targets.js';
import type { ModelEntry, ModelsFile } from './models-file.js';

const PROVIDERS: NonNullable<ModelsFile['providers']> = {
  openai: { type: 'openai' },
  azure: {
    type: 'azure-openai',
    deployments: { small: 'text-embedding-3-small', 'text-embedding-3-small': 'text-embedding-3-large', gpt: 'gpt-4o' },
  },
  lab: { type: 'openai-compatible' },
};

function modelsOf(targets: string[], rest: Partial<ModelEntry> = {}): string[] | null {
  return embeddingModelsOf({ targets, ...rest }, PROVIDERS, false);
}

function mixes(targets: string[]): boolean {
  const file: ModelsFile = { providers: PROVIDERS, models: { vectors: { targets } } };
  return checkModelsFile(file, Object.keys(PROVIDERS)).some(({ message }) => message.startsWith('mixes'));
}

describe(embeddingModelsOf.name, () => {
  it.each([
    ['a deployment by the model behind it', 'azure/small', 'text-embedding-3-small'],
    ['a deployment by nothing but the model behind it', 'azure/text-embedding-3-small', 'text-embedding-3-large'],
    ['a model without the vendor before it', 'lab/BAAI/bge-m3', 'bge-m3'],
    ['a well known name that says nothing of embedding', 'lab/all-MiniLM-L6-v2', 'all-minilm-l6-v2'],
    ['a tag as a part of the name', 'lab/nomic-embed-text:v1.5', 'nomic-embed-text:v1.5'],
  ])('knows %s', (_what, target, model) => {
    expect(modelsOf([target])).toEqual([model]);
  });

  it('leaves chat models alone, and believes what the file says of the kind', () => {
    expect(modelsOf(['azure/gpt', 'openai/gpt-4o'])).toBeNull();
    expect(modelsOf(['lab/e5500-chat'])).toBeNull();
    expect(modelsOf(['lab/bge-reranker-v2-m3'])).toBeNull();
    expect(modelsOf(['lab/m'], { kind: 'embeddings' })).toEqual(['m']);
    expect(modelsOf(['azure/small'], { kind: 'chat' })).toBeNull();
    expect(embeddingModelsOf({ targets: ['lab/m'] }, PROVIDERS, true)).toEqual(['m']);
  });
});

describe('an alias for embeddings', () => {
  it.each<[string, string[], boolean]>([
    ['a deployment and the model behind it', ['openai/text-embedding-3-small', 'azure/small'], false],
    ['a model under the roof of an aggregator', ['lab/BAAI/bge-m3', 'lab/bge-m3'], false],
    [
      'a deployment of the same name and another model',
      ['openai/text-embedding-3-small', 'azure/text-embedding-3-small'],
      true,
    ],
    ['a deployment of which nothing is known', ['openai/text-embedding-3-small', 'azure/unknown'], true],
    ['models of other dimensions', ['openai/text-embedding-3-small', 'openai/text-embedding-3-large'], true],
    ['other quantisations', ['lab/bge-m3:f16', 'lab/bge-m3:q4_0'], true],
  ])('may not mix: %s', (_what, targets, expected) => {
    expect(mixes(targets)).toBe(expected);
  });
});
