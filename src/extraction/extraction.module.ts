import { Module } from '@nestjs/common';
import { ChatModule } from '../chat/chat.module.js';
import { ExtractController } from './extract.controller.js';
import { ExtractionService } from './extraction.service.js';

/** `/v1/extract`. */
@Module({
  imports: [ChatModule],
  controllers: [ExtractController],
  providers: [ExtractionService],
})
export class ExtractionModule {}
