import { Module } from '@nestjs/common';
import { ModelsController } from './models.controller.js';
import { ModelsService } from './models.service.js';

/** `/v1/models`. */
@Module({ controllers: [ModelsController], providers: [ModelsService] })
export class ModelsModule {}
