import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LedgerStore } from './ledger/ledger-store.js';
import { LedgerWriter } from './ledger/ledger-writer.service.js';
import { UsageAttemptEntity } from './ledger/usage-attempt.entity.js';
import { UsageRequestEntity } from './ledger/usage-request.entity.js';
import { PriceBook } from './pricing/price-book.js';
import { UsageController } from './usage.controller.js';
import { UsageMeter } from './usage-meter.js';

/** What requests use and cost: the gate that weighs them, and the ledger. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([UsageRequestEntity, UsageAttemptEntity])],
  controllers: [UsageController],
  providers: [UsageMeter, PriceBook, LedgerStore, LedgerWriter],
  exports: [UsageMeter],
})
export class UsageModule {}
