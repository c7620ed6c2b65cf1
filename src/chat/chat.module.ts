import { Module } from '@nestjs/common';
import { ChatService } from './chat.service.js';

/** The chat service; its routes are in chat-api. */
@Module({ providers: [ChatService], exports: [ChatService] })
export class ChatModule {}
