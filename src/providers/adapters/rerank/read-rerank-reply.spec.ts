import { describe, expect, it } from '@jest/globals';
import { readRerankReply } from './read-rerank-reply.js';
import { RERANK_SHAPES, type RerankType } from './rerank-shape.js';

const SCORES = [
  { index: 1, relevance_score: 0.9 },
  { index: 0, relevance_score: 0.2 },
];
const REQUEST = { model: 'alias', query: 'how far?', documents: ['one', 'two'] };

function read(type: RerankType, reply: unknown): ReturnType<typeof readRerankReply> {
  return readRerankReply(reply, RERANK_SHAPES[type], { model: 'asked', count: 2 });
}

describe('rerank replies', () => {
  it.each<[RerankType, object, object]>([
    ['cohere', { results: SCORES, meta: { billed_units: { search_units: 1 } } }, { input: 0, units: { search: 1 } }],
    ['jina', { model: 'jina-reranker-v2', results: SCORES, usage: { total_tokens: 32 } }, { input: 32 }],
    ['voyage', { object: 'list', data: SCORES, usage: { total_tokens: 26 } }, { input: 26 }],
  ])('of %s are read in the order of the documents', (type, reply, usage) => {
    expect(read(type, reply)).toMatchObject({ scores: [0.2, 0.9], usage });
  });

  it('say who answered, or who was asked', () => {
    expect(read('jina', { model: 'jina-reranker-v2', results: SCORES }).model).toBe('jina-reranker-v2');
    expect(read('cohere', { results: SCORES }).model).toBe('asked');
  });

  it('give 0 to documents that are left out and keep scores between 0 and 1', () => {
    expect(read('cohere', { results: [{ index: 1, relevance_score: 1.5 }] }).scores).toEqual([0, 1]);
  });

  it.each([
    ['no usage', {}],
    ['an absurd usage', { usage: { total_tokens: -3 } }],
    ['a usage that is a text', { usage: { total_tokens: '12' } }],
  ])('with %s are counted by us', (_name, extra) => {
    expect(read('jina', { results: SCORES, ...extra }).usage).toMatchObject({ input: 0, estimated: true });
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['no results', { results: [] }],
    ['results under another name', { data: SCORES }],
    ['a document that was not sent', { results: [{ index: 2, relevance_score: 1 }] }],
    ['a document twice', { results: [SCORES[0], SCORES[0]] }],
    ['a score that is no number', { results: [{ index: 0, relevance_score: 'high' }] }],
    ['no index', { results: [{ relevance_score: 1 }] }],
  ])('with %s are malformed', (_name, reply) => {
    expect(() => read('cohere', reply)).toThrow(expect.objectContaining({ kind: 'malformed' }));
  });
});

describe('rerank requests', () => {
  it.each<[RerankType, object]>([
    ['cohere', { model: 'm', query: 'how far?', documents: ['one', 'two'], top_n: 2 }],
    ['jina', { model: 'm', query: 'how far?', documents: ['one', 'two'], top_n: 2, return_documents: false }],
    ['voyage', { model: 'm', query: 'how far?', documents: ['one', 'two'], return_documents: false }],
  ])('of %s', (type, expected) => {
    expect(RERANK_SHAPES[type].toBody('m', REQUEST)).toEqual(expected);
  });
});
