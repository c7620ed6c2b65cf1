/** Sets an entry; when there are more than `maximum` then, the one that came first is forgotten. */
export function setBounded<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, maximum: number): void {
  map.set(key, value);
  if (map.size <= maximum) return;
  for (const first of map.keys()) {
    map.delete(first);
    return;
  }
}
