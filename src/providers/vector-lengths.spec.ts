import { describe, expect, it } from '@jest/globals';
import { tokenUsage } from '../core/chat/token-usage.js';
import type { EmbeddingResult } from '../core/embedding/embedding-request.js';
import type { Target } from './resilience/target.js';
import { VectorLengths } from './vector-lengths.js';

function target(dimensions: number | null = null, isConfigured = true): Target {
  return { isConfigured, catalogEntry: dimensions === null ? null : { dimensions } } as Target;
}

function answer(length: number): EmbeddingResult {
  return { model: 'm', vectors: [new Float32Array(length)], usage: tokenUsage(), warnings: [] };
}

const request = { model: 'vectors', inputs: ['one'] };
const malformed = expect.objectContaining({ kind: 'malformed' });

describe(VectorLengths.name, () => {
  it('F45: refuses another length than the first answer of the alias had, whichever target gives it', () => {
    const lengths = new VectorLengths();
    lengths.check(request, target(), answer(4));
    lengths.check(request, target(), answer(4));
    expect(() => {
      lengths.check(request, target(), answer(8));
    }).toThrow(malformed);
    lengths.check({ ...request, model: 'others' }, target(), answer(8));
  });

  it('F45: refuses another length than the catalogue has, from the first answer on', () => {
    expect(() => {
      new VectorLengths().check(request, target(1536), answer(768));
    }).toThrow(malformed);
  });

  it('leaves a length that was asked for to the adapter, and learns nothing of it', () => {
    const lengths = new VectorLengths();
    lengths.check({ ...request, dimensions: 8 }, target(1536), answer(8));
    lengths.check(request, target(), answer(4));
  });

  it('remembers nothing of a name that only a client knows', () => {
    const lengths = new VectorLengths();
    lengths.check(request, target(null, false), answer(4));
    lengths.check(request, target(null, false), answer(8));
  });
});
