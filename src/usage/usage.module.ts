import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BudgetsModule } from '../budgets/budgets.module.js';
import { DeadLetters } from './ledger/dead-letters.js';
import { LedgerReplay } from './ledger/ledger-replay.service.js';
import { LedgerRetention } from './ledger/ledger-retention.service.js';
import { LedgerStore } from './ledger/ledger-store.js';
import { LedgerSweeper } from './ledger/ledger-sweeper.service.js';
import { LedgerWriter } from './ledger/ledger-writer.service.js';
import { UsageAttemptEntity } from './ledger/usage-attempt.entity.js';
import { UsageRequestEntity } from './ledger/usage-request.entity.js';
import { WriteAheadLog } from './ledger/write-ahead-log.js';
import { AdmissionGate } from './metering/admission-gate.service.js';
import { CallBooks } from './metering/call-books.service.js';
import { Candidates } from './metering/candidates.js';
import { UpperBounds } from './metering/upper-bounds.service.js';
import { PriceBook } from './pricing/price-book.js';
import { UsageMeter } from './usage-meter.js';

const LEDGER = [WriteAheadLog, LedgerStore, LedgerWriter, DeadLetters, LedgerReplay, LedgerSweeper, LedgerRetention];

/** What requests use and cost: the gate that weighs them, and the ledger. */
@Global()
@Module({
  imports: [BudgetsModule, TypeOrmModule.forFeature([UsageRequestEntity, UsageAttemptEntity])],
  providers: [UsageMeter, AdmissionGate, CallBooks, Candidates, UpperBounds, PriceBook, ...LEDGER],
  exports: [UsageMeter, LedgerWriter, PriceBook],
})
export class UsageModule {}
