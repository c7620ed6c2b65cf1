import { afterEach, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { AdmissionConfig } from './admission-config.js';
import { AuthConfig } from './auth-config.js';
import { BatchesConfig } from './batches-config.js';
import { CatalogConfig } from './catalog-config.js';
import { ConfigurationModule } from './configuration.module.js';
import { DatabaseConfig } from './database-config.js';
import { EgressConfig } from './egress-config.js';
import { loadEnvironment } from './environment.js';
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

@Injectable()
class Consumer {
  @Inject(AdmissionConfig)
  readonly admission!: AdmissionConfig;

  @Inject(BatchesConfig)
  readonly batches!: BatchesConfig;

  @Inject(ResponsesConfig)
  readonly responses!: ResponsesConfig;

  @Inject(WebhooksConfig)
  readonly webhooks!: WebhooksConfig;

  @Inject(RedisConfig)
  readonly redis!: RedisConfig;

  @Inject(CatalogConfig)
  readonly catalog!: CatalogConfig;

  @Inject(EgressConfig)
  readonly egress!: EgressConfig;

  @Inject(RetentionConfig)
  readonly retention!: RetentionConfig;

  @Inject(SecretsConfig)
  readonly secrets!: SecretsConfig;

  @Inject(TracingConfig)
  readonly tracing!: TracingConfig;

  @Inject(UploadConfig)
  readonly uploads!: UploadConfig;

  @Inject(IdempotencyConfig)
  readonly idempotency!: IdempotencyConfig;

  constructor(
    readonly server: ServerConfig,
    readonly database: DatabaseConfig,
    readonly auth: AuthConfig,
    readonly gateway: GatewayConfig,
    readonly ledger: LedgerConfig,
  ) {}
}

@Module({ providers: [Consumer] })
class FeatureModule {}

let module: TestingModule | undefined;

afterEach(async () => {
  await module?.close();
});

describe('ConfigurationModule', () => {
  it('gives every module the slices of the environment by their classes', async () => {
    const environment = loadEnvironment({ PORT: '0', OPENAI_API_KEY: 'sk' }, '/nowhere');
    module = await Test.createTestingModule({
      imports: [ConfigurationModule.forRoot(environment), FeatureModule],
    }).compile();
    const consumer = module.get(Consumer, { strict: false });
    const slices = Object.fromEntries(Object.entries(consumer));
    expect(slices).toEqual(environment);
  });
});
