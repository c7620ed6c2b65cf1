import { describe, expect, it } from '@jest/globals';
import type { CallContext } from '../../core/call-context.js';
import { SystemClock } from '../../core/clock.js';
import type { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { ChunkEmbedder } from './chunk-embedder.js';
import type { JobCalls } from './job-calls.js';

describe('ChunkEmbedder', () => {
  const job = { keyId: null, projectId: 'p', signal: new AbortController().signal };

  function embed(vectors: readonly Float32Array[]): Promise<number> {
    let stored = 0;
    const call = { abort: () => undefined, finish: () => undefined } as unknown as CallContext;
    const embedder = new ChunkEmbedder(
      { embed: () => Promise.resolve({ vectors, model: 'm' }) } as unknown as EmbeddingsService,
      { open: () => Promise.resolve(call) } as unknown as JobCalls,
      new SystemClock(),
    );
    const items = [{ input: 'one' }, { input: 'two' }];
    const onBatch = (): Promise<void> => Promise.resolve(void (stored += 1));
    return embedder.embed(job, 'm', items, onBatch).then(() => stored);
  }

  it.each([
    ['NaN in them', [Float32Array.of(1, 2), Float32Array.of(NaN, 1)]],
    ['infinity in them', [Float32Array.of(1, 2), Float32Array.of(Infinity, 1)]],
    ['different lengths', [Float32Array.of(1, 2), Float32Array.of(1)]],
    ['nothing in them', [new Float32Array(0), new Float32Array(0)]],
    ['one missing', [Float32Array.of(1, 2)]],
  ])('R12 fails a job whose model gives vectors with %s, and stores none', async (_name, vectors) => {
    await expect(embed(vectors)).rejects.toMatchObject({ name: 'JobFailure', code: 'malformed_response' });
  });

  it('R12 takes zero vectors: a text may have nothing in it that the model knows', async () => {
    expect(await embed([new Float32Array(2), Float32Array.of(1, 0)])).toBe(1);
  });
});
