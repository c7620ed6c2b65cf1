import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { UploadConfig } from '../config/upload-config.js';
import { ChatModule } from '../chat/chat.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { MediaModule } from '../media/media.module.js';
import { ToolsModule } from '../tools/tools.module.js';
import { AnswerModel } from './answers/answer-model.service.js';
import { AnswerSources } from './answers/answer-sources.service.js';
import { AnsweringService } from './answers/answering.service.js';
import { FollowUps } from './answers/follow-ups.service.js';
import { QueryController } from './answers/query.controller.js';
import { SourcePages } from './answers/source-pages.service.js';
import { CollectionEntity } from './collections/collection.entity.js';
import { CollectionUpdates } from './collections/collection-updates.service.js';
import { CollectionsController } from './collections/collections.controller.js';
import { CollectionsService } from './collections/collections.service.js';
import { ProjectCollectionsEraser } from './collections/project-collections.eraser.js';
import { ChunkEntity } from './documents/chunk.entity.js';
import { DocumentChunksController } from './documents/document-chunks.controller.js';
import { DocumentChunksService } from './documents/document-chunks.service.js';
import { DocumentEntity } from './documents/document.entity.js';
import { DocumentVersionEntity } from './documents/document-version.entity.js';
import { DocumentsController } from './documents/documents.controller.js';
import { DocumentsService } from './documents/documents.service.js';
import { EvaluationController } from './evaluation/evaluation.controller.js';
import { EvaluationService } from './evaluation/evaluation.service.js';
import { EvaluationWorker } from './evaluation/evaluation.worker.js';
import { MeasuredSearch } from './evaluation/measured-search.js';
import { ChunkEmbedder } from './indexing/chunk-embedder.js';
import { ChunkPublisher } from './indexing/chunk-publisher.js';
import { DocumentIngestion } from './indexing/document-ingestion.js';
import { EmbeddingSwitchWorker } from './indexing/embedding-switch.worker.js';
import { IndexController } from './indexing/index.controller.js';
import { IndexingService } from './indexing/indexing.service.js';
import { IngestionWorker } from './indexing/ingestion.worker.js';
import { JobCalls } from './indexing/job-calls.js';
import { RecountWorker } from './indexing/recount.worker.js';
import { SearchConfigSource } from './indexing/search-config-source.js';
import { VersionSource } from './indexing/version-source.js';
import { CandidatesService } from './retrieval/candidates.service.js';
import { RerankingService } from './retrieval/reranking.service.js';
import { DocumentParser } from './parsing/document-parser.js';
import { ParserSettings } from './parsing/parser-settings.js';
import { RetrievalService } from './retrieval/retrieval.service.js';
import { SearchController } from './retrieval/search.controller.js';
import { CollectionToolSource } from './tools/collection-tool-source.js';
import { UploadService } from './uploads/upload.service.js';
import { UploadStore } from './uploads/upload-store.js';
import { UploadsController } from './uploads/uploads.controller.js';
import { UploadSweeper } from './uploads/upload-sweeper.service.js';
import { VectorIndexes } from './retrieval/vector-indexes.service.js';

function toParserSettings({ parserProcesses }: UploadConfig): ParserSettings {
  return new ParserSettings({ maxProcesses: parserProcesses });
}

/** Knowledge: collections, documents, their indexing, search, and answers with citations. */
@Module({
  imports: [
    TypeOrmModule.forFeature([CollectionEntity, DocumentEntity, DocumentVersionEntity, ChunkEntity]),
    AuthModule,
    ChatModule,
    ConversationsModule,
    EmbeddingsModule,
    MediaModule,
    ToolsModule,
  ],
  controllers: [
    CollectionsController,
    EvaluationController,
    DocumentsController,
    DocumentChunksController,
    IndexController,
    SearchController,
    QueryController,
    UploadsController,
  ],
  providers: [
    AnswerModel,
    AnswerSources,
    AnsweringService,
    CandidatesService,
    FollowUps,
    SourcePages,
    ChunkEmbedder,
    ChunkPublisher,
    CollectionToolSource,
    CollectionUpdates,
    CollectionsService,
    DocumentChunksService,
    DocumentIngestion,
    DocumentParser,
    DocumentsService,
    EmbeddingSwitchWorker,
    EvaluationService,
    EvaluationWorker,
    IndexingService,
    IngestionWorker,
    JobCalls,
    MeasuredSearch,
    { provide: ParserSettings, inject: [UploadConfig], useFactory: toParserSettings },
    ProjectCollectionsEraser,
    RecountWorker,
    RerankingService,
    RetrievalService,
    SearchConfigSource,
    UploadService,
    UploadStore,
    UploadSweeper,
    VectorIndexes,
    VersionSource,
  ],
})
export class RagModule {}
