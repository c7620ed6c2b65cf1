import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { JobFailure } from '../../jobs/job.js';
import { JobCalls } from './job-calls.js';
import { isPassing } from './job-outcome.js';
import { planBatches } from './plan-batches.js';
import { runLanes } from './run-lanes.js';

/** A text that is to be embedded for a job. */
export interface ToEmbed {
  input: string;
}

/** The vectors of a batch, in the order of its texts, and the provider's own name of the model that made them. */
export interface EmbeddedBatch<Item extends ToEmbed> {
  batch: readonly Item[];
  vectors: readonly Float32Array[];
  model: string;
}

/** In whose name texts are embedded, and until when. */
export interface EmbeddingJob {
  readonly keyId: string | null;
  readonly projectId: string;
  readonly signal: AbortSignal;
}

/** How many embedding calls one job makes at once. */
const LANES = 4;
/** How long a batch goes on trying before the job makes room for others, and the pauses between its tries. */
const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
// A batch that is refused for one of these may pass in parts.
const MAY_PASS_IN_PARTS: ReadonlySet<string> = new Set([
  'upstream_rejected_request',
  'context_length_exceeded',
  'request_too_large',
  'array_too_long',
]);

/** Embeds texts for jobs: in batches, several at once, patiently. */
@Injectable()
export class ChunkEmbedder {
  constructor(
    private readonly embeddings: EmbeddingsService,
    private readonly calls: JobCalls,
    private readonly clock: Clock,
  ) {}

  /**
   * Embeds the items and hands on each batch as soon as it is done. Rejects with what the embedding call or `onBatch`
   * threw first, or with a JobFailure `invalid_api_key`; nothing is under way any more then.
   */
  async embed<Item extends ToEmbed>(
    job: EmbeddingJob,
    model: string,
    items: Iterable<Item>,
    onBatch: (embedded: EmbeddedBatch<Item>) => Promise<void>,
  ): Promise<void> {
    const batches = planBatches(items, (item) => item.input);
    await runLanes(batches, LANES, async (stop) => {
      const call = await this.#openCall(job);
      // A failure elsewhere ends the pauses, but what is being embedded already has its price and is kept.
      const signal = AbortSignal.any([job.signal, stop]);
      const onAbort = (): void => {
        call.abort(job.signal.reason as Error);
      };
      job.signal.addEventListener('abort', onAbort, { once: true });
      return {
        work: async (batch) => {
          signal.throwIfAborted();
          await onBatch({ batch, ...(await this.#embedInParts(model, batch, call, signal)) });
        },
        close: () => {
          job.signal.removeEventListener('abort', onAbort);
          call.finish();
        },
      };
    });
  }

  // Some servers take fewer texts at once than others; a text that is refused by itself is refused for good.
  async #embedInParts(
    model: string,
    batch: readonly ToEmbed[],
    call: CallContext,
    signal: AbortSignal,
  ): Promise<{ vectors: Float32Array[]; model: string }> {
    try {
      return await this.#embedPatiently(model, batch, call, signal);
    } catch (error) {
      const isDivisible = batch.length > 1 && error instanceof AppError && MAY_PASS_IN_PARTS.has(error.code);
      if (!isDivisible || signal.aborted) throw error;
    }
    const half = Math.ceil(batch.length / 2);
    const first = await this.#embedInParts(model, batch.slice(0, half), call, signal);
    const second = await this.#embedInParts(model, batch.slice(half), call, signal);
    return { vectors: [...first.vectors, ...second.vectors], model: second.model };
  }

  async #embedPatiently(
    model: string,
    batch: readonly ToEmbed[],
    call: CallContext,
    signal: AbortSignal,
  ): Promise<{ vectors: Float32Array[]; model: string }> {
    const giveUpAt = this.clock.monotonic() + PATIENCE_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        const inputs = batch.map(({ input }) => input);
        const result = await this.embeddings.embed({ model, inputs, purpose: 'document' }, call);
        requireVectors(result.vectors, inputs.length);
        return result;
      } catch (error) {
        const waitMs = error instanceof AppError ? (error.retryAfterMs ?? pauseMs) : pauseMs;
        if (!isPassing(error) || this.clock.monotonic() + waitMs > giveUpAt) throw error;
        await this.clock.sleep(waitMs, signal);
      }
    }
  }

  // What was allowed when the document came may be allowed no more: whoever lost the key spends nothing further with it.
  async #openCall(job: EmbeddingJob): Promise<CallContext> {
    const call = await this.calls.open(job);
    if (call) return call;
    const message = 'The key that asked for this is not valid any more. Ask for it again with one that is.';
    throw new JobFailure('invalid_api_key', message);
  }
}

function requireVectors(vectors: readonly Float32Array[], count: number): void {
  const length = vectors[0]?.length ?? 0;
  if (vectors.length !== count) {
    throw new JobFailure('malformed_response', 'The embedding model gave not as many vectors as texts.');
  }
  for (const vector of vectors) {
    if (vector.length !== length || length === 0 || !vector.every(Number.isFinite)) {
      throw new JobFailure('malformed_response', 'The embedding model gave vectors that are none.');
    }
  }
}
