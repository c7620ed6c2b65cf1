import type { CancelSignal } from '../../../core/cancellation.js';
import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../../core/embedding/embedding-request.js';
import type { EmbeddingCall } from './embedding-calls.js';
import { type EmbeddedTexts, finishVectors, readEmbeddings } from './read-embeddings.js';

/** How many requests run at once for one list of texts. */
const AT_ONCE = 8;

/** Sends one call and resolves to its reply as JSON; the signal ends it. */
export type SendCall = (call: EmbeddingCall, signal: CancelSignal) => Promise<unknown>;

/**
 * The vectors of all texts, in their order. The first call that fails ends the others. A usage that any call left out comes
 * back empty and marked as estimated.
 */
export async function embedTexts(
  model: string,
  request: EmbeddingRequest,
  calls: readonly EmbeddingCall[],
  send: SendCall,
): Promise<EmbeddingResult> {
  const parts = await sendAll(calls, send);
  const vectors = parts.flatMap((part) => part.vectors);
  finishVectors(vectors, request.dimensions);
  const isCounted = parts.every((part) => part.tokens !== null);
  const input = parts.reduce((sum, part) => sum + (part.tokens ?? 0), 0);
  return { model, vectors, usage: isCounted ? tokenUsage({ input }) : tokenUsage({ estimated: true }), warnings: [] };
}

async function sendAll(calls: readonly EmbeddingCall[], send: SendCall): Promise<EmbeddedTexts[]> {
  const stop = new AbortController();
  const parts: EmbeddedTexts[] = [];
  const rest = calls.entries();
  const work = async (): Promise<void> => {
    for (const [index, call] of rest) {
      parts[index] = readEmbeddings(await send(call, stop.signal), call);
      if (stop.signal.aborted) return;
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, calls.length) }, work));
  } finally {
    stop.abort();
  }
  return parts;
}
