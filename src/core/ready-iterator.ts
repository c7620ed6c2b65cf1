/**
 * An iterator that also gives what it has already without a promise, which is what a stream costs most. `take` gives
 * undefined when the next element has to be asked for with `next`: because it is not there yet, because there is none, or
 * because the iterator failed.
 */
export interface ReadyIterator<T> extends AsyncIterator<T, unknown> {
  take?(): T | undefined;
}
