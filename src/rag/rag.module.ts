import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { ChatModule } from '../chat/chat.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { AnsweringService } from './answers/answering.service.js';
import { QueryController } from './answers/query.controller.js';
import { CollectionEntity } from './collections/collection.entity.js';
import { CollectionsController } from './collections/collections.controller.js';
import { CollectionsService } from './collections/collections.service.js';
import { ProjectCollectionsEraser } from './collections/project-collections.eraser.js';
import { ChunkEntity } from './documents/chunk.entity.js';
import { DocumentEntity } from './documents/document.entity.js';
import { DocumentVersionEntity } from './documents/document-version.entity.js';
import { DocumentsController } from './documents/documents.controller.js';
import { DocumentsService } from './documents/documents.service.js';
import { ChunkPublisher } from './indexing/chunk-publisher.js';
import { DocumentIngestion } from './indexing/document-ingestion.js';
import { IndexController } from './indexing/index.controller.js';
import { IndexingService } from './indexing/indexing.service.js';
import { IngestionWorker } from './indexing/ingestion.worker.js';
import { JobCalls } from './indexing/job-calls.js';
import { SearchConfigSource } from './indexing/search-config-source.js';
import { RetrievalService } from './retrieval/retrieval.service.js';
import { SearchController } from './retrieval/search.controller.js';

/** Knowledge: collections, documents, their indexing, search, and answers with citations. */
@Module({
  imports: [
    TypeOrmModule.forFeature([CollectionEntity, DocumentEntity, DocumentVersionEntity, ChunkEntity]),
    AuthModule,
    ChatModule,
    EmbeddingsModule,
  ],
  controllers: [CollectionsController, DocumentsController, IndexController, SearchController, QueryController],
  providers: [
    AnsweringService,
    ChunkPublisher,
    CollectionsService,
    DocumentIngestion,
    DocumentsService,
    IndexingService,
    IngestionWorker,
    JobCalls,
    ProjectCollectionsEraser,
    RetrievalService,
    SearchConfigSource,
  ],
})
export class RagModule {}
