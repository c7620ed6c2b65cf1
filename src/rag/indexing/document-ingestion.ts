import { Injectable } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import type { CallContext } from '../../core/call-context.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { JobFailure, type RunningJob } from '../../jobs/job.js';
import { countTokens } from '../../tokens/count-tokens.js';
import { chunkText } from '../chunking/chunk-text.js';
import { CollectionsService, type EmbeddedCollection } from '../collections/collections.service.js';
import type { ChunkDraft, VersionKey } from '../store/chunk-rows.js';
import type { PublishOutcome } from '../store/publish-versions.js';
import { ChunkPublisher } from './chunk-publisher.js';
import { contextualText, draftChunk, placeChunk, type PlacedChunk } from './draft-chunks.js';
import type { IndexJobPayload } from './index-job.js';

/** A version as it waits for its job. */
export interface PendingVersion {
  key: VersionKey;
  collection: EmbeddedCollection & { chunkSize: number; chunkOverlap: number };
  title: string | null;
  searchConfig: string;
  text: string;
}

/** A chunk may have this many tokens whatever its size in characters. */
const MAX_CHUNK_TOKENS = 400;
/** Chunks per embedding call: some 20,000 tokens, far below what any model refuses. */
const BATCH_CHUNKS = 50;
// How long cutting may go on before others get their turn.
const SLICE_MS = 15;

/** Cuts, embeds and stores one version of a document; what an earlier attempt stored is kept. */
@Injectable()
export class DocumentIngestion {
  constructor(
    private readonly dataSource: DataSource,
    private readonly collections: CollectionsService,
    private readonly embeddings: EmbeddingsService,
    private readonly publisher: ChunkPublisher,
  ) {}

  /** Resolves to the number of chunks when the version is visible, or superseded by a newer one. */
  async ingest(version: PendingVersion, job: RunningJob<IndexJobPayload>, call: CallContext): Promise<number> {
    const chunks = await cutText(version, job.signal);
    const missing = await this.#missing(version.key, chunks);
    let done = chunks.length - missing.length;
    let drafts: ChunkDraft[] = [];
    for (let from = 0; from < missing.length; from += BATCH_CHUNKS) {
      if (drafts.length > 0) requireDocument(await this.publisher.stage(version.key, drafts));
      await job.progress(done, chunks.length);
      drafts = await this.#embed(version, missing.slice(from, from + BATCH_CHUNKS), call);
      done += drafts.length;
    }
    job.signal.throwIfAborted();
    requireDocument(await this.publisher.publish({ key: version.key, drafts }));
    await job.progress(chunks.length, chunks.length);
    return chunks.length;
  }

  async #missing(key: VersionKey, chunks: readonly PlacedChunk[]): Promise<PlacedChunk[]> {
    // A document of one batch is written whole or not at all.
    if (chunks.length <= BATCH_CHUNKS) return [...chunks];
    const rows = await this.dataSource.query<{ id: string }[]>(
      `select id from chunk where project_id = $1 and document_id = $2 and version = $3`,
      [key.projectId, key.documentId, key.version],
    );
    const stored = new Set(rows.map((row) => row.id));
    return chunks.filter((chunk) => !stored.has(chunk.id));
  }

  async #embed(version: PendingVersion, chunks: readonly PlacedChunk[], call: CallContext): Promise<ChunkDraft[]> {
    const { collection, key } = version;
    const inputs = chunks.map((chunk) => contextualText(chunk, version.title));
    const result = await this.embeddings.embed({ model: collection.embeddingModel, inputs, purpose: 'document' }, call);
    await this.collections.pin(collection, { model: result.model, dimensions: result.vectors[0]?.length ?? 0 });
    return chunks.map((chunk, index) => {
      const vector = result.vectors[index];
      if (!vector) throw new JobFailure('malformed_response', 'The embedding model gave fewer vectors than texts.');
      return draftChunk(key, chunk, version, vector);
    });
  }
}

async function cutText(version: PendingVersion, signal: AbortSignal): Promise<PlacedChunk[]> {
  const { chunkSize, chunkOverlap } = version.collection;
  const options = { maxCharacters: chunkSize, overlap: chunkOverlap, maxTokens: MAX_CHUNK_TOKENS, countTokens };
  const chunks: PlacedChunk[] = [];
  let turnEnds = performance.now() + SLICE_MS;
  for (const chunk of chunkText(version.text, options)) {
    chunks.push(placeChunk(version.key, chunk, chunks.length));
    if (performance.now() < turnEnds) continue;
    await nextTurn();
    signal.throwIfAborted();
    turnEnds = performance.now() + SLICE_MS;
  }
  return chunks;
}

// A newer version that is visible already makes this one pointless, but not wrong.
function requireDocument(outcome: PublishOutcome): void {
  if (outcome !== 'gone') return;
  throw new JobFailure('not_found', 'The document was deleted or replaced while it was being indexed.');
}
