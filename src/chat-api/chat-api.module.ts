import { Module } from '@nestjs/common';
import { ChatModule } from '../chat/chat.module.js';
import { CompletionsController } from './completions.controller.js';
import { NativeChatController } from './native-chat.controller.js';
import { NativeChatService } from './native-chat.service.js';

/** The routes that chat: OpenAI's and ours. */
@Module({
  imports: [ChatModule],
  controllers: [CompletionsController, NativeChatController],
  providers: [NativeChatService],
})
export class ChatApiModule {}
