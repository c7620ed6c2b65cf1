import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ChatModule } from '../chat/chat.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { ToolsModule } from '../tools/tools.module.js';
import { CompletionsController } from './completions.controller.js';
import { LegacyCompletionsController } from './legacy-completions.controller.js';
import { LegacyCompletions } from './legacy-completions.service.js';
import { MessagesController } from './messages.controller.js';
import { NativeChatController } from './native-chat.controller.js';
import { NativeChatService } from './native-chat.service.js';
import { ChatSocketController } from './websocket/chat-socket.controller.js';
import { ChatSocketGateway } from './websocket/chat-socket.gateway.js';
import { ChatSocketLimits } from './websocket/chat-socket-limits.js';
import { ChatSockets } from './websocket/chat-sockets.service.js';
import { MessageBooks } from './websocket/message-books.service.js';
import { MessageDesk } from './websocket/message-desk.service.js';

/** The routes that chat: OpenAI's and ours. */
@Module({
  imports: [AuthModule, ChatModule, ConversationsModule, ToolsModule],
  controllers: [
    CompletionsController,
    LegacyCompletionsController,
    MessagesController,
    NativeChatController,
    ChatSocketController,
  ],
  providers: [
    ChatSocketGateway,
    ChatSocketLimits,
    ChatSockets,
    MessageBooks,
    LegacyCompletions,
    MessageDesk,
    NativeChatService,
  ],
  exports: [LegacyCompletions],
})
export class ChatApiModule {}
