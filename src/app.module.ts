import { type DynamicModule, Module } from '@nestjs/common';
import { AdminModule } from './admin/admin.module.js';
import { AdmissionModule } from './admission/admission.module.js';
import { AuthModule } from './auth/auth.module.js';
import { BatchesModule } from './batches/batches.module.js';
import { ChatApiModule } from './chat-api/chat-api.module.js';
import { ChatModule } from './chat/chat.module.js';
import { ConfigurationModule } from './config/configuration.module.js';
import type { Environment } from './config/environment.js';
import { CoreServicesModule } from './core-services.module.js';
import { DatabaseModule } from './database/database.module.js';
import { EmbeddingsModule } from './embeddings/embeddings.module.js';
import { ExtractionModule } from './extraction/extraction.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import { IdempotencyModule } from './idempotency/idempotency.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { LimitsModule } from './limits/limits.module.js';
import { MediaModule } from './media/media.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { ModelsModule } from './models/models.module.js';
import { ProvidersModule } from './providers/providers.module.js';
import { RagModule } from './rag/rag.module.js';
import { ReportsModule } from './usage/reports/reports.module.js';
import { ResponsesModule } from './responses/responses.module.js';
import { ToolsModule } from './tools/tools.module.js';
import { TracingModule } from './tracing/tracing.module.js';
import { UsageModule } from './usage/usage.module.js';
import { VERSION } from './version.js';

/** The whole product, put together from one validated environment. */
@Module({})
export class AppModule {
  static forRoot(environment: Environment): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigurationModule.forRoot(environment),
        CoreServicesModule,
        MetricsModule,
        TracingModule.forRoot(VERSION),
        DatabaseModule,
        HttpModule,
        LimitsModule,
        AuthModule,
        AdmissionModule,
        IdempotencyModule,
        JobsModule,
        ProvidersModule,
        UsageModule,
        ReportsModule,
        ModelsModule,
        ChatModule,
        ChatApiModule,
        EmbeddingsModule,
        ExtractionModule,
        MediaModule,
        RagModule,
        ResponsesModule,
        BatchesModule,
        ToolsModule,
        AdminModule,
        HealthModule,
      ],
    };
  }
}
