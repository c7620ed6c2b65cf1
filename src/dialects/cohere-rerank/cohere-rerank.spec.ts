import { describe, expect, it } from '@jest/globals';
import { tokenUsage } from '../../core/chat/token-usage.js';
import { parseRerankRequest } from './parse-rerank-request.js';
import { renderRerank } from './render-rerank.js';

describe('reranking in the shape of Cohere', () => {
  it('takes texts and objects with a text', () => {
    const { request, topN } = parseRerankRequest({
      query: 'q',
      documents: ['a', { text: 'b' }],
      max_tokens_per_doc: 9,
    });
    expect(request).toEqual({ model: '', query: 'q', documents: ['a', 'b'], maxTokensPerDocument: 9 });
    expect(topN).toBe(2);
  });

  it('puts the best first, equals in their order, and leaves out what was not asked for', () => {
    const parsed = parseRerankRequest({ model: 'm', query: 'q', documents: ['a', 'b', 'c'], top_n: 2 });
    const result = { model: 'M', scores: [0.5, 0.9, 0.5], usage: tokenUsage({ units: { search: 3 } }) };
    expect(renderRerank(parsed, result, 'req_1')).toEqual({
      ...{ id: 'req_1', model: 'M' },
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 0, relevance_score: 0.5 },
      ],
      meta: { api_version: { version: '2' }, billed_units: { search_units: 3 } },
    });
  });
});
