/** One of several that work side by side. */
export interface Lane<Item> {
  work(item: Item): Promise<void>;
  close(): void;
}

/**
 * Does work for each item, in order of arrival, at most `limit` at a time; an item is taken only when there is somebody to
 * work on it. The first failure stops everything: no further item is taken, the lanes' signal fires, and when all lanes
 * have ended it is thrown.
 */
export async function runLanes<Item extends object>(
  items: Iterable<Item>,
  limit: number,
  openLane: (signal: AbortSignal) => Promise<Lane<Item>>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const stop = new AbortController();
  const failures: unknown[] = [];
  const take = (): Item | null => {
    if (stop.signal.aborted) return null;
    const next = iterator.next();
    return next.done === true ? null : next.value;
  };
  const run = async (first: Item): Promise<void> => {
    const lane = await openLane(stop.signal);
    try {
      for (let item: Item | null = first; item; item = take()) await lane.work(item);
    } finally {
      lane.close();
    }
  };
  const lanes: Promise<void>[] = [];
  // A lane begins with an item in hand, so that there are no more of them than items.
  for (let first = take(); first; first = lanes.length < limit ? take() : null) {
    const lane = run(first).catch((error: unknown) => {
      failures.push(error);
      stop.abort(error);
    });
    lanes.push(lane);
  }
  await Promise.all(lanes);
  if (failures.length > 0) throw failures[0];
}
