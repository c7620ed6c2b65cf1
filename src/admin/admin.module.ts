import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ReportsModule } from '../usage/reports/reports.module.js';
import { AuditController } from './audit.controller.js';
import { CatalogController } from './catalog.controller.js';
import { KeysController } from './keys.controller.js';
import { ProjectsController } from './projects.controller.js';
import { ProviderResetsService } from './provider-resets.service.js';
import { ProvidersController } from './providers.controller.js';
import { RequestsController } from './requests.controller.js';
import { UsageReportsController } from './usage.controller.js';

/** What administrators see and change under `/admin`. */
@Module({
  imports: [AuthModule, ReportsModule],
  controllers: [
    AuditController,
    CatalogController,
    KeysController,
    ProjectsController,
    ProvidersController,
    RequestsController,
    UsageReportsController,
  ],
  providers: [ProviderResetsService],
})
export class AdminModule {}
