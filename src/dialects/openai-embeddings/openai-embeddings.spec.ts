import { describe, expect, it } from '@jest/globals';
import { tokenUsage } from '../../core/chat/token-usage.js';
import type { WireObject } from '../../core/chat/wire-object.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { parseEmbeddingRequest } from './parse-embedding-request.js';
import { renderEmbeddingResult } from './render-embedding-result.js';

function refusalOf(changes: Record<string, unknown>): string {
  try {
    parseEmbeddingRequest({ model: 'm', input: 'x', ...changes });
  } catch (error) {
    if (error instanceof InvalidRequestError) return `${error.code} ${String(error.param)}`;
    throw error;
  }
  return 'accepted';
}

describe('parseEmbeddingRequest', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['no input', { input: undefined }, 'missing_required_parameter input'],
    ['an empty text', { input: '' }, 'invalid_value input'],
    ['an empty list', { input: [] }, 'invalid_value input'],
    ['an empty text in a list', { input: ['a', ''] }, 'invalid_value input[1]'],
    ['null', { input: null }, 'invalid_type input'],
    ['an object', { input: {} }, 'invalid_type input'],
    ['texts and numbers', { input: ['a', 1] }, 'invalid_type input[1]'],
    ['numbers and texts', { input: [1, 'a'] }, 'invalid_type input[1]'],
    ['lists three deep', { input: [[[1]]] }, 'invalid_type input[0][0]'],
    ['2,049 texts', { input: Array(2049).fill('a') }, 'array_too_long input'],
    ['a text of a megabyte', { input: ['x'.repeat(1_000_000)] }, 'string_too_long input[0]'],
    ['a negative token', { input: [5, -1] }, 'invalid_value input[1]'],
    ['half a token', { input: [[1.5]] }, 'invalid_value input[0][0]'],
    ['a token that no model has', { input: [1e9] }, 'invalid_value input[0]'],
    ['no tokens', { input: [[]] }, 'invalid_value input[0]'],
    ['dimensions 0', { dimensions: 0 }, 'invalid_value dimensions'],
    ['dimensions -1', { dimensions: -1 }, 'invalid_value dimensions'],
    ['dimensions 1e6', { dimensions: 1e6 }, 'invalid_value dimensions'],
    ['dimensions as a text', { dimensions: '256' }, 'invalid_type dimensions'],
    ['an unknown encoding', { encoding_format: 'hex' }, 'invalid_value encoding_format'],
    ['no model', { model: '' }, 'missing_required_parameter model'],
    ['white space', { input: '  ' }, 'accepted'],
    ['no encoding', { encoding_format: null }, 'accepted'],
  ])('%s', (_name, changes, expected) => {
    expect(refusalOf(changes)).toBe(expected);
  });

  it.each<[string, unknown, unknown]>([
    ['one text', 'a', ['a']],
    ['texts', ['a', 'b'], ['a', 'b']],
    ['the tokens of one text', [1, 2], [[1, 2]]],
    ['the tokens of texts', [[1, 2], [3]], [[1, 2], [3]]],
  ])('reads %s', (_name, input, expected) => {
    expect(parseEmbeddingRequest({ model: 'm', input } as JsonObject).inputs).toEqual(expected);
  });
});

describe('renderEmbeddingResult', () => {
  const result = {
    model: 'served',
    vectors: [Float32Array.of(0.5, -1), Float32Array.of(0, 3)],
    usage: tokenUsage({ input: 4 }),
    warnings: [],
  };

  it('gives numbers', () => {
    expect(renderEmbeddingResult(result, 'float')).toEqual({
      object: 'list',
      model: 'served',
      data: [
        { object: 'embedding', index: 0, embedding: [0.5, -1] },
        { object: 'embedding', index: 1, embedding: [0, 3] },
      ],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
  });

  it('relays what the provider said in the order of the inputs, and changes only a wrong encoding', () => {
    const wire = {
      dialect: 'openai-embeddings',
      value: {
        data: [
          { index: 1, embedding: 'AAAAAAAAQEA=', x: 1 },
          { index: 0, embedding: [0.5, -1.000_000_000_1], x: 0 },
        ],
        usage: { prompt_tokens: 9, total_tokens: 9, cost: 1 },
        vendor: true,
      },
    } as const;
    const relayed = { ...result, wire: wire as unknown as WireObject };
    expect(renderEmbeddingResult(relayed, 'float')).toEqual({
      object: 'list',
      model: 'served',
      data: [
        { object: 'embedding', index: 0, embedding: [0.5, -1.000_000_000_1], x: 0 },
        { object: 'embedding', index: 1, embedding: [0, 3], x: 1 },
      ],
      usage: { prompt_tokens: 9, total_tokens: 9, cost: 1 },
      vendor: true,
    });
    const counted = { ...relayed, usage: tokenUsage({ input: 4, estimated: true }) };
    expect(renderEmbeddingResult(counted, 'base64')).toMatchObject({
      data: [{ embedding: 'AAAAPwAAgL8=' }, { embedding: 'AAAAAAAAQEA=' }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
      vendor: true,
    });
  });

  it('gives base64 of little-endian floats', () => {
    const [first] = renderEmbeddingResult(result, 'base64').data as { embedding: string }[];
    expect(Buffer.from(first?.embedding ?? '', 'base64').toString('hex')).toBe('0000003f000080bf');
  });
});
