import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { EmbeddingsController } from './embeddings.controller.js';
import { EmbeddingsService } from './embeddings.service.js';
import { KeptEmbeddings } from './kept-embeddings.service.js';

/** Embeddings: the service for other features, and the compatible route. */
@Module({
  imports: [CacheModule],
  controllers: [EmbeddingsController],
  providers: [EmbeddingsService, KeptEmbeddings],
  exports: [EmbeddingsService],
})
export class EmbeddingsModule {}
