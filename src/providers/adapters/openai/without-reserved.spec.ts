import { describe, expect, it } from '@jest/globals';
import { buildEmbeddingsBody } from './build-embeddings-body.js';
import { withoutReserved } from './without-reserved.js';

describe(withoutReserved.name, () => {
  it('leaves a body alone that keeps to its own affairs', () => {
    const body = { messages: [], metadata: { api_key: 'mine' } };
    const warnings: string[] = [];
    expect(withoutReserved(body, (message) => warnings.push(message))).toBe(body);
    expect(warnings).toEqual([]);
  });

  it('holds for embeddings too', () => {
    const warnings: string[] = [];
    const body = { input: 'a', api_base: 'http://127.0.0.1', encoding_format: 'float' };
    const request = { model: 'x', inputs: ['a'], source: { dialect: 'openai-embeddings' as const, body } };
    const sent = buildEmbeddingsBody('m', request, { isStrict: false }, (message) => warnings.push(message));
    expect(sent).toEqual({ input: 'a', model: 'm', encoding_format: 'float' });
    expect(warnings).toEqual([expect.stringContaining('api_base')]);
  });
});
