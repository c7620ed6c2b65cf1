import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DeadLetters } from './dead-letters.js';
import { LedgerGaugesBinding } from './ledger-gauges.binding.js';
import { LedgerStore } from './ledger-store.js';
import { LedgerWriter } from './ledger-writer.service.js';
import { UsageAttemptEntity } from './usage-attempt.entity.js';
import { UsageRequestEntity } from './usage-request.entity.js';
import { WriteAheadLog } from './write-ahead-log.js';

/** The ledger's tables and what carries requests to them. Not global: those are shut down after the database. */
@Module({
  imports: [TypeOrmModule.forFeature([UsageRequestEntity, UsageAttemptEntity])],
  providers: [WriteAheadLog, LedgerStore, LedgerWriter, LedgerGaugesBinding, DeadLetters],
  exports: [LedgerStore, LedgerWriter, DeadLetters],
})
export class LedgerModule {}
