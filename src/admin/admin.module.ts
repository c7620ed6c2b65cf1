import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { KeysController } from './keys.controller.js';
import { ProjectsController } from './projects.controller.js';
import { ProviderResetsService } from './provider-resets.service.js';
import { ProvidersController } from './providers.controller.js';

/** What administrators see and change under `/admin`. */
@Module({
  imports: [AuthModule],
  controllers: [KeysController, ProjectsController, ProvidersController],
  providers: [ProviderResetsService],
})
export class AdminModule {}
