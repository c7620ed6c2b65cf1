import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { LimitDesk } from './limit-desk.js';
import { LimitsService } from './limits.service.js';
import { LimitsSweeper } from './limits-sweeper.service.js';
import { MeterBook } from './meter-book.js';
import { FallbackLimitStore } from './store/fallback-limit-store.js';
import { LimitStore } from './store/limit-store.js';
import { PostgresLimitStore } from './store/postgres-limit-store.js';
import { RedisLimitStore } from './store/redis-limit-store.js';
import { PostgresThrottleCounter } from './throttle/postgres-throttle-counter.js';
import { RedisThrottleCounter } from './throttle/redis-throttle-counter.js';
import { SharedThrottlerStorage } from './throttle/shared-throttler-storage.js';

/** Limits of keys and projects, and counters of failures, over all replicas. */
@Global()
@Module({
  imports: [CacheModule],
  providers: [
    LimitsService,
    LimitsSweeper,
    LimitDesk,
    MeterBook,
    PostgresLimitStore,
    RedisLimitStore,
    PostgresThrottleCounter,
    RedisThrottleCounter,
    SharedThrottlerStorage,
    { provide: LimitStore, useClass: FallbackLimitStore },
  ],
  exports: [LimitsService, SharedThrottlerStorage],
})
export class LimitsModule implements OnModuleInit {
  constructor(
    private readonly sources: MetricSources,
    private readonly store: LimitStore,
  ) {}

  onModuleInit(): void {
    const { store } = this;
    this.sources.limitStore = () => (store instanceof FallbackLimitStore ? store.storeName : null);
  }
}
