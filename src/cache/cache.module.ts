import { Module } from '@nestjs/common';
import { DatabaseConfig } from '../config/database-config.js';
import { GatewayConfig } from '../config/gateway-config.js';
import { Clock } from '../core/clock.js';
import { Cache } from './cache.js';
import { MemoryCache } from './memory-cache.js';
import { RedisCache } from './redis-cache.js';
import { RedisConnection } from './redis-connection.js';
import { SealedCache } from './sealed-cache.js';

function createCache(
  redis: RedisConnection,
  clock: Clock,
  { schema }: DatabaseConfig,
  { caches }: GatewayConfig,
): Cache {
  if (redis.isConfigured) return new RedisCache(redis, clock, `trunkline:${schema}:cache:`);
  return new MemoryCache(caches.exact.maxBytes, clock);
}

/** What processes may share beside the database. */
@Module({
  providers: [
    RedisConnection,
    SealedCache,
    { provide: Cache, useFactory: createCache, inject: [RedisConnection, Clock, DatabaseConfig, GatewayConfig] },
  ],
  exports: [RedisConnection, SealedCache],
})
export class CacheModule {}
