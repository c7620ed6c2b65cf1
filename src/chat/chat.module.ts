import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { CacheModule } from '../cache/cache.module.js';
import { EgressModule } from '../egress/egress.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { ChatLayers } from './chat-layers.js';
import { ChatModels } from './chat-models.js';
import { ChatService } from './chat.service.js';
import { PromptTokens } from './prompt-tokens.service.js';
import { ProjectThoughtsEraser } from './provider-state/project-thoughts.eraser.js';
import { ProviderStateEntity } from './provider-state/provider-state.entity.js';
import { ProviderStateLookup } from './provider-state/provider-state-lookup.js';
import { ProviderStateMemory } from './provider-state/provider-state-memory.js';
import { ProviderStateService } from './provider-state/provider-state.service.js';
import { ProviderStateStore } from './provider-state/provider-state-store.js';
import { ProviderStateWriter } from './provider-state/provider-state-writer.service.js';
import { AnswerRecorder } from './response-cache/answer-recorder.service.js';
import { AnswerReplay } from './response-cache/answer-replay.service.js';
import { ExactAnswers } from './response-cache/exact-answers.service.js';
import { ExactCacheLayer } from './response-cache/exact-cache.layer.js';
import { KeptAnswers } from './response-cache/kept-answers.service.js';
import { SEMANTIC_CACHE_PROVIDERS } from './semantic-cache/semantic-cache.providers.js';
import { SharedAnswers } from './shared-answers.service.js';
import { DocumentFetcher } from './vision/document-fetcher.service.js';
import { ImageFetcher } from './vision/image-fetcher.service.js';
import { VisionLayer } from './vision/vision.layer.js';
import { SchemaChecker } from './structured/schema-checker.service.js';
import { StructuredAnswers } from './structured/structured-answers.service.js';

/** The chat service, with what it remembers for clients; its routes are in chat-api. */
@Module({
  imports: [AuthModule, CacheModule, EgressModule, EmbeddingsModule, TypeOrmModule.forFeature([ProviderStateEntity])],
  providers: [
    ChatLayers,
    ChatModels,
    ChatService,
    PromptTokens,
    ProjectThoughtsEraser,
    ProviderStateService,
    ProviderStateMemory,
    ProviderStateLookup,
    ProviderStateStore,
    ProviderStateWriter,
    SharedAnswers,
    DocumentFetcher,
    ImageFetcher,
    VisionLayer,
    SchemaChecker,
    StructuredAnswers,
    AnswerRecorder,
    AnswerReplay,
    ExactAnswers,
    ExactCacheLayer,
    KeptAnswers,
    ...SEMANTIC_CACHE_PROVIDERS,
  ],
  exports: [ChatModels, ChatService, PromptTokens, SchemaChecker],
})
export class ChatModule {}
