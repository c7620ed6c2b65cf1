import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ChatModels } from './chat-models.js';
import { ChatService } from './chat.service.js';
import { ProviderStateEntity } from './provider-state/provider-state.entity.js';
import { ProviderStateLookup } from './provider-state/provider-state-lookup.js';
import { ProviderStateMemory } from './provider-state/provider-state-memory.js';
import { ProviderStateService } from './provider-state/provider-state.service.js';
import { ProviderStateStore } from './provider-state/provider-state-store.js';
import { ProviderStateWriter } from './provider-state/provider-state-writer.service.js';
import { SharedAnswers } from './shared-answers.service.js';

/** The chat service, with what it remembers for clients; its routes are in chat-api. */
@Module({
  imports: [TypeOrmModule.forFeature([ProviderStateEntity])],
  providers: [
    ChatModels,
    ChatService,
    ProviderStateService,
    ProviderStateMemory,
    ProviderStateLookup,
    ProviderStateStore,
    ProviderStateWriter,
    SharedAnswers,
  ],
  exports: [ChatModels, ChatService],
})
export class ChatModule {}
