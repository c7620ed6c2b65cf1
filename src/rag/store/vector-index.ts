/** The vectors of one collection that one model made. */
export interface VectorSpace {
  readonly collectionId: string;
  readonly generation: number;
  readonly dimensions: number;
}

/** An HNSW index over one space: nothing of another collection is in it, so none has to be skipped in a search. */
export interface VectorIndex extends VectorSpace {
  readonly name: string;
}

const PREFIX = 'chunk_embedding_hnsw_';
const NAME = /^chunk_embedding_hnsw_(col_[A-Za-z0-9]+)_g(\d+)_(\d+)$/;
const COLLECTION_ID = /^col_[A-Za-z0-9]{1,32}$/;
// What pgvector's HNSW takes: single precision up to the first, half precision up to the second.
const MAX_VECTOR_DIMENSIONS = 2_000;
const MAX_HALFVEC_DIMENSIONS = 4_000;

/** The index that a space would have; null when vectors of that length cannot have one. */
export function indexOf(space: VectorSpace): VectorIndex | null {
  const { collectionId, generation, dimensions } = space;
  if (dimensions < 1 || dimensions > MAX_HALFVEC_DIMENSIONS || !COLLECTION_ID.test(collectionId)) return null;
  return { ...space, name: `${PREFIX}${collectionId}_g${String(generation)}_${String(dimensions)}` };
}

/** The space whose index has this name; null for any other name. */
export function spaceOfIndex(name: string): VectorSpace | null {
  const [, collectionId, generation, dimensions] = NAME.exec(name) ?? [];
  if (collectionId === undefined) return null;
  return { collectionId, generation: Number(generation), dimensions: Number(dimensions) };
}

/** A pattern for `like` that the names of all such indexes match. */
export const INDEX_NAMES = `${PREFIX.replaceAll('_', '\\_')}%`;

/** The type that the vectors are indexed as. */
export function indexedType({ dimensions }: VectorSpace): string {
  return `${dimensions > MAX_VECTOR_DIMENSIONS ? 'halfvec' : 'vector'}(${String(dimensions)})`;
}

/** The rows of `chunk_embedding` that are in the index; literals, because a planner proves only those. */
export function indexedRows({ collectionId, generation }: VectorSpace): string {
  return `collection_id = '${collectionId}' and generation = ${String(generation)}`;
}

/** Builds the index while others read and write. */
export function createIndexSql(index: VectorIndex): string {
  const operators = index.dimensions > MAX_VECTOR_DIMENSIONS ? 'halfvec_ip_ops' : 'vector_ip_ops';
  return `create index concurrently "${index.name}" on chunk_embedding
    using hnsw ((embedding::${indexedType(index)}) ${operators}) where ${indexedRows(index)}`;
}
