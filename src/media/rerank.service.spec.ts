import { describe, expect, it } from '@jest/globals';
import { CallContext } from '../core/call-context.js';
import type { EmbeddingRequest } from '../core/embedding/embedding-request.js';
import type { ProviderRegistry } from '../providers/provider-registry.js';
import type { UsageMeter } from '../usage/usage-meter.js';
import { RerankService } from './rerank.service.js';

/** What the meter is told that a request for two documents, of one of them 2,001 characters, is made of. */
async function meteredFor(providerTypes: readonly string[]): Promise<EmbeddingRequest['inputs'] | undefined> {
  let metered: EmbeddingRequest | undefined;
  const meter = {
    admitEmbeddings: (request: EmbeddingRequest) => {
      metered = request;
      return Promise.resolve({ meter: () => undefined, fail: () => undefined });
    },
  } as unknown as UsageMeter;
  const providers = {
    resolve: () => ({ targets: providerTypes.map((providerType) => ({ providerType })) }),
    rerank: () => Promise.resolve({ model: 'm', scores: [1, 0], usage: {} }),
  } as unknown as ProviderRegistry;
  const call = new CallContext({ id: 'req_1', surface: 'rag', receivedAt: 0 });
  const request = { model: 'judge', query: 'how far?', documents: ['near', 'x'.repeat(2_001)] };
  await new RerankService(meter, providers).rerank(request, call);
  return metered?.inputs;
}

describe('what reranking is metered as', () => {
  it.each([
    ['one search where all bill by search', ['cohere']],
    ['one search where a chat model, which is not asked, has the same name', ['cohere', 'openai']],
  ])('is %s', async (_name, types) => {
    expect(await meteredFor(types)).toEqual([[0]]);
  });

  it.each([[['jina']], [['cohere', 'voyage']]])('is the texts where not all bill by search: %s', async (types) => {
    expect(await meteredFor(types)).toEqual(['how far?\nnear', expect.stringMatching(/^how far\?\nx{2001}$/)]);
  });
});
