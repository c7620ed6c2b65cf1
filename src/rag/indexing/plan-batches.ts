/** Texts per embedding call at most: some 20,000 tokens, far below what any model refuses. */
const MAX_TEXTS = 50;
/** A token is a byte at least, so this many bytes are never more tokens than any model takes in one call. */
const MAX_BYTES = 250_000;

/** Puts items into batches for one embedding call each, in their order, by number and by size of their text. */
export function* planBatches<Item>(items: Iterable<Item>, textOf: (item: Item) => string): Generator<Item[]> {
  let batch: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(textOf(item), 'utf8');
    if (batch.length === MAX_TEXTS || (batch.length > 0 && bytes + size > MAX_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
