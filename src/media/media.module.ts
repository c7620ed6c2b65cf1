import { Module } from '@nestjs/common';
import { RerankService } from './rerank.service.js';

/** What providers do besides chat and embeddings. */
@Module({ providers: [RerankService], exports: [RerankService] })
export class MediaModule {}
