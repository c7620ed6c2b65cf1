import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ChatModule } from '../chat/chat.module.js';
import { ChatApiModule } from '../chat-api/chat-api.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { MediaModule } from '../media/media.module.js';
import { ResponsesModule } from '../responses/responses.module.js';
import { BatchCreator } from './batch-creator.service.js';
import { BatchSweeper } from './batch-sweeper.service.js';
import { BatchesController } from './batches.controller.js';
import { BatchesService } from './batches.service.js';
import { FileContents } from './files/file-contents.service.js';
import { FileReceiver } from './files/file-receiver.service.js';
import { FileStore } from './files/file-store.js';
import { FilesController } from './files/files.controller.js';
import { FilesService } from './files/files.service.js';
import { BatchValidation } from './lines/batch-validation.service.js';
import { BatchLines } from './run/batch-lines.service.js';
import { BatchWorker } from './run/batch.worker.js';
import { LineRunners } from './run/line-runners.service.js';
import { LineSlots } from './run/line-slots.js';
import { ResponseLines } from './run/response-lines.service.js';
import { BatchStore } from './store/batch-store.js';
import { LineStore } from './store/line-store.js';
import { ResultLines } from './store/result-lines.service.js';

/** OpenAI's files, and batches of requests that are answered in the background. */
@Module({
  imports: [AuthModule, ChatModule, ChatApiModule, EmbeddingsModule, MediaModule, ResponsesModule],
  controllers: [FilesController, BatchesController],
  providers: [
    ...[FilesService, FileStore, FileReceiver, FileContents],
    ...[BatchesService, BatchCreator, BatchSweeper, BatchStore, LineStore, ResultLines],
    ...[BatchWorker, BatchValidation, BatchLines, LineSlots, LineRunners, ResponseLines],
  ],
})
export class BatchesModule {}
