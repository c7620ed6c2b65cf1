/**
 * An iterator that also gives what it has already without a promise, which is what a stream costs most. `take` gives
 * undefined when the next element has to be asked for with `next`: because it is not there yet, because there is none, or
 * because the source failed. It throws when what is there cannot be made into an element; the iterator is over then.
 */
export interface ReadyIterator<T> extends AsyncIterator<T, unknown> {
  take?(): T | undefined;
}
