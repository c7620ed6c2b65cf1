/** Whether there is a Redis; type and injection token in one. */
export abstract class RedisConfig {
  /** A `redis:` or `rediss:` URL; null when the database alone counts. */
  abstract readonly url: string | null;
}
