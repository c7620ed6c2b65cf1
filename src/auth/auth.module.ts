import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BudgetsModule } from '../budgets/budgets.module.js';
import { SharedThrottlerStorage } from '../limits/throttle/shared-throttler-storage.js';
import { AdminChanges } from './admin-changes.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { ApiKeyCache } from './api-key-cache.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { ApiKeyStore } from './api-key.store.js';
import { ApiKeysService } from './api-keys.service.js';
import { AuditEntryEntity } from './audit/audit-entry.entity.js';
import { AuditLog } from './audit/audit-log.js';
import { AuditRetention } from './audit/audit-retention.service.js';
import { CredentialFinder } from './credential-finder.js';
import { FailedAuthenticationLimit, FailedAuthenticationThrottle } from './failed-authentication-throttle.js';
import { FirstRunKey } from './first-run-key.js';
import { JwtAuthenticator } from './jwt/jwt-authenticator.js';
import { KeyPrincipals } from './key-principals.js';
import { KeyRotationService } from './key-rotation.service.js';
import { ProjectErasure } from './project-erasure.service.js';
import { ProjectEntity } from './project.entity.js';
import { ProjectsService } from './projects.service.js';
import { SecretBox } from './secrets/secret-box.js';

/** Keys and projects, and the guard in front of every route of the application. */
@Module({
  imports: [
    TypeOrmModule.forFeature([ProjectEntity, ApiKeyEntity, AuditEntryEntity]),
    BudgetsModule,
    ThrottlerModule.forRootAsync({
      inject: [SharedThrottlerStorage],
      useFactory: (storage: SharedThrottlerStorage) => ({ throttlers: [], storage }),
    }),
  ],
  providers: [
    AdminChanges,
    ApiKeyAuthenticator,
    ApiKeyCache,
    ApiKeyStore,
    ApiKeysService,
    AuditLog,
    AuditRetention,
    CredentialFinder,
    FailedAuthenticationLimit,
    FailedAuthenticationThrottle,
    FirstRunKey,
    JwtAuthenticator,
    KeyPrincipals,
    KeyRotationService,
    ProjectErasure,
    ProjectsService,
    SecretBox,
    { provide: APP_GUARD, useClass: ApiKeyGuard },
  ],
  exports: [
    ApiKeyAuthenticator,
    ApiKeysService,
    AuditLog,
    FirstRunKey,
    KeyPrincipals,
    KeyRotationService,
    ProjectErasure,
    ProjectsService,
    SecretBox,
  ],
})
export class AuthModule {}
