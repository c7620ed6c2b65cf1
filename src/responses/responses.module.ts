import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ChatModule } from '../chat/chat.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { BackgroundResponses } from './background/background-responses.service.js';
import { BackgroundStore } from './background/background-store.js';
import { BackgroundStreams } from './background/background-streams.service.js';
import { EventStore } from './background/event-store.js';
import { ResponseAttempts } from './background/response-attempts.service.js';
import { ResponseCalls } from './background/response-calls.js';
import { ResponseWorker } from './background/response.worker.js';
import { EarlierItems } from './earlier-items.service.js';
import { HistoryRoom } from './history-room.service.js';
import { InputTokens } from './input-tokens.service.js';
import { ResponseAnswers } from './response-answers.service.js';
import { ResponseKeeper } from './response-keeper.service.js';
import { ResponseRequests } from './response-requests.service.js';
import { ResponseSweeper } from './response-sweeper.service.js';
import { ResponsesController } from './responses.controller.js';
import { ResponsesService } from './responses.service.js';
import { ChainStore } from './store/chain-store.js';
import { ResponseStore } from './store/response-store.js';
import { StoredResponsesController } from './stored/stored-responses.controller.js';
import { StoredResponses } from './stored/stored-responses.service.js';

/** OpenAI's Responses: answered, stored, and in the background. */
@Module({
  imports: [AuthModule, ChatModule, ConversationsModule],
  controllers: [ResponsesController, StoredResponsesController],
  providers: [
    ...[
      ResponsesService,
      ResponseRequests,
      ResponseAnswers,
      ResponseKeeper,
      ResponseSweeper,
      EarlierItems,
      HistoryRoom,
      InputTokens,
    ],
    ...[ResponseStore, ChainStore, StoredResponses],
    ...[BackgroundResponses, BackgroundStore, BackgroundStreams, EventStore],
    ...[ResponseAttempts, ResponseCalls, ResponseWorker],
  ],
  exports: [ResponsesService, ResponseRequests],
})
export class ResponsesModule {}
