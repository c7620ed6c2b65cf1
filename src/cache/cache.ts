/**
 * Bytes that may be gone at any time, by name; type and injection token in one. Nothing here rejects: what cannot be reached is
 * not there, and what cannot be kept is not kept.
 */
export abstract class Cache {
  /** Null when there is nothing by the name, or when it is not known in time. */
  abstract get(name: string): Promise<Buffer | null>;

  abstract set(name: string, value: Buffer, options: { ttlMs: number }): Promise<void>;

  abstract delete(name: string): Promise<void>;
}
