import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { AdmissionConfig } from './admission-config.js';
import { AuthConfig } from './auth-config.js';
import { BatchesConfig } from './batches-config.js';
import { CatalogConfig } from './catalog-config.js';
import { DatabaseConfig } from './database-config.js';
import { EgressConfig } from './egress-config.js';
import type { Environment } from './environment.js';
import { GatewayConfig } from './gateway-config.js';
import { IdempotencyConfig } from './idempotency-config.js';
import { LedgerConfig } from './ledger-config.js';
import { RedisConfig } from './redis-config.js';
import { ResponsesConfig } from './responses-config.js';
import { RetentionConfig } from './retention-config.js';
import { SecretsConfig } from './secrets-config.js';
import { ServerConfig } from './server-config.js';
import { TracingConfig } from './tracing-config.js';
import { UploadConfig } from './upload-config.js';
import { WebhooksConfig } from './webhooks-config.js';

/** Gives every module the validated slices of the configuration under their class tokens. */
@Module({})
export class ConfigurationModule {
  /** The module over one environment; global. */
  static forRoot(environment: Environment): DynamicModule {
    const slices = [
      { token: ServerConfig, slice: registerAs('server', () => environment.server) },
      { token: DatabaseConfig, slice: registerAs('database', () => environment.database) },
      { token: AuthConfig, slice: registerAs('auth', () => environment.auth) },
      { token: GatewayConfig, slice: registerAs('gateway', () => environment.gateway) },
      { token: CatalogConfig, slice: registerAs('catalog', () => environment.catalog) },
      { token: ResponsesConfig, slice: registerAs('responses', () => environment.responses) },
      { token: RetentionConfig, slice: registerAs('retention', () => environment.retention) },
      { token: BatchesConfig, slice: registerAs('batches', () => environment.batches) },
      { token: RedisConfig, slice: registerAs('redis', () => environment.redis) },
      { token: SecretsConfig, slice: registerAs('secrets', () => environment.secrets) },
      { token: LedgerConfig, slice: registerAs('ledger', () => environment.ledger) },
      { token: UploadConfig, slice: registerAs('uploads', () => environment.uploads) },
      { token: AdmissionConfig, slice: registerAs('admission', () => environment.admission) },
      { token: TracingConfig, slice: registerAs('tracing', () => environment.tracing) },
      { token: EgressConfig, slice: registerAs('egress', () => environment.egress) },
      { token: WebhooksConfig, slice: registerAs('webhooks', () => environment.webhooks) },
      { token: IdempotencyConfig, slice: registerAs('idempotency', () => environment.idempotency) },
    ] as const;
    return {
      module: ConfigurationModule,
      global: true,
      imports: [
        ConfigModule.forRoot({
          ignoreEnvFile: true,
          ignoreEnvVars: true,
          skipProcessEnv: true,
          load: slices.map(({ slice }) => slice),
        }),
      ],
      providers: slices.map(({ token, slice }) => ({ provide: token, useExisting: slice.KEY })),
      exports: slices.map(({ token }) => token),
    };
  }
}
