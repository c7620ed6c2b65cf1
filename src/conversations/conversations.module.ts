import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ChatModule } from '../chat/chat.module.js';
import { EgressModule } from '../egress/egress.module.js';
import { ConversationBooks } from './api/conversation-books.service.js';
import { ConversationItemsController } from './api/conversation-items.controller.js';
import { ConversationItemsService } from './api/conversation-items.service.js';
import { ConversationsController } from './api/conversations.controller.js';
import { ItemReader } from './api/item-reader.service.js';
import { ConversationSweeper } from './conversation-sweeper.service.js';
import { ConversationsService } from './conversations.service.js';
import { ProjectConversationsEraser } from './project-conversations.eraser.js';
import { ConversationStore } from './store/conversation-store.js';
import { HistoryReader } from './store/history-reader.js';
import { MessageStore } from './store/message-store.js';
import { TurnStore } from './store/turn-store.js';
import { TurnDesk } from './turns/turn-desk.service.js';
import { TurnWriter } from './turns/turn-writer.service.js';
import { PromptWindow } from './window/prompt-window.service.js';
import { Summaries } from './window/summaries.service.js';

/** Stored conversations, and what of them a model is told. */
@Module({
  imports: [AuthModule, ChatModule, EgressModule],
  controllers: [ConversationsController, ConversationItemsController],
  providers: [
    ConversationBooks,
    ConversationItemsService,
    ConversationStore,
    ConversationSweeper,
    ConversationsService,
    HistoryReader,
    ItemReader,
    MessageStore,
    ProjectConversationsEraser,
    PromptWindow,
    Summaries,
    TurnDesk,
    TurnStore,
    TurnWriter,
  ],
  exports: [ConversationsService],
})
export class ConversationsModule {}
