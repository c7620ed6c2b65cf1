import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock } from '../core/clock.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { ApiKeyCache } from './api-key-cache.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { ApiKeyStore } from './api-key.store.js';
import { ApiKeysService } from './api-keys.service.js';
import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';
import { FailedAuthenticationLimit, FailedAuthenticationThrottle } from './failed-authentication-throttle.js';
import { FirstRunKey } from './first-run-key.js';
import { ProjectEntity } from './project.entity.js';
import { ProjectsService } from './projects.service.js';

/** Keys and projects, and the guard in front of every route of the application. */
@Module({
  imports: [
    TypeOrmModule.forFeature([ProjectEntity, ApiKeyEntity]),
    ThrottlerModule.forRootAsync({
      inject: [Clock],
      useFactory: (clock: Clock) => ({ throttlers: [], storage: new BoundedThrottlerStorage(clock) }),
    }),
  ],
  providers: [
    ApiKeyAuthenticator,
    ApiKeyCache,
    ApiKeyStore,
    ApiKeysService,
    FailedAuthenticationLimit,
    FailedAuthenticationThrottle,
    FirstRunKey,
    ProjectsService,
    { provide: APP_GUARD, useClass: ApiKeyGuard },
  ],
  exports: [ApiKeyAuthenticator, ApiKeysService, FirstRunKey, ProjectsService],
})
export class AuthModule {}
