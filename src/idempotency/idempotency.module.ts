import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { AnswerRoom } from './answer-room.js';
import { ClaimBook } from './claim-book.service.js';
import { IdempotencyGuard } from './idempotency.guard.js';
import { IdempotencyService } from './idempotency.service.js';
import { IdempotencyStore } from './idempotency-store.js';
import { IdempotencySweeper } from './idempotency-sweeper.service.js';
import { ProjectAnswersEraser } from './project-answers.eraser.js';

/** Exact repetition of answers to requests with an `Idempotency-Key`. */
@Module({
  imports: [AuthModule],
  providers: [
    AnswerRoom,
    ClaimBook,
    IdempotencyGuard,
    IdempotencyService,
    IdempotencyStore,
    IdempotencySweeper,
    ProjectAnswersEraser,
  ],
})
export class IdempotencyModule {}
