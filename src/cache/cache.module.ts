import { Module } from '@nestjs/common';
import { RedisConnection } from './redis-connection.js';

/** What processes may share beside the database. */
@Module({ providers: [RedisConnection], exports: [RedisConnection] })
export class CacheModule {}
