import { Injectable } from '@nestjs/common';
import { RedisConnection, Script } from '../../cache/redis-connection.js';
import { DatabaseConfig } from '../../config/database-config.js';
import type { ThrottleCounter, ThrottleHit, ThrottleStanding } from './throttle-counter.js';

/** KEYS: one for each name. ARGV: the hits as JSON, in the same order. */
const COUNT = new Script(`
local time = redis.call('TIME')
local at = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local standings = {}
for index, hit in ipairs(cjson.decode(ARGV[1])) do
  local key = KEYS[index]
  local known = redis.call('HMGET', key, 'hits', 'ends', 'blocked')
  local hits, ends, blocked = tonumber(known[1] or '0'), tonumber(known[2] or '0'), tonumber(known[3] or '0')
  local counted = 0
  if blocked <= at then
    counted = hit.times
    if ends <= at then hits, ends = 0, at + hit.windowMs end
    hits, blocked = hits + hit.times, 0
    if hits > hit.limit then
      blocked = at + hit.blockMs
      ends = blocked
    end
    redis.call('HSET', key, 'hits', string.format('%.0f', hits), 'ends', string.format('%.0f', ends), 'blocked',
      string.format('%.0f', blocked))
    redis.call('PEXPIREAT', key, string.format('%.0f', ends + 1000))
  end
  standings[index] = { hits = hits, counted = counted, endsInMs = ends - at, blockedForMs = math.max(0, blocked - at) }
end
return cjson.encode(standings)
`);

/** Counts in Redis. */
@Injectable()
export class RedisThrottleCounter implements ThrottleCounter {
  readonly #prefix: string;

  constructor(
    private readonly redis: RedisConnection,
    database: DatabaseConfig,
  ) {
    this.#prefix = `{trunkline:${database.schema}}:throttle:`;
  }

  async count(hits: readonly ThrottleHit[]): Promise<readonly ThrottleStanding[]> {
    const keys = hits.map(({ name }) => `${this.#prefix}${name}`);
    return JSON.parse(String(await this.redis.evaluate(COUNT, keys, [JSON.stringify(hits)]))) as ThrottleStanding[];
  }
}
