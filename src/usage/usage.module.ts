import { Global, Module } from '@nestjs/common';
import { BudgetsModule } from '../budgets/budgets.module.js';
import { LedgerReplay } from './ledger/ledger-replay.service.js';
import { LedgerRetention } from './ledger/ledger-retention.service.js';
import { LedgerSweeper } from './ledger/ledger-sweeper.service.js';
import { LedgerModule } from './ledger/ledger.module.js';
import { AdmissionGate } from './metering/admission-gate.service.js';
import { CallBooks } from './metering/call-books.service.js';
import { Candidates } from './metering/candidates.js';
import { UpperBounds } from './metering/upper-bounds.service.js';
import { PriceBook } from './pricing/price-book.js';
import { UsageMeter } from './usage-meter.js';

/** What requests use and cost: the gate that weighs them, and the ledger. */
@Global()
@Module({
  imports: [BudgetsModule, LedgerModule],
  providers: [
    ...[UsageMeter, AdmissionGate, CallBooks, Candidates, UpperBounds, PriceBook],
    ...[LedgerReplay, LedgerSweeper, LedgerRetention],
  ],
  exports: [UsageMeter, LedgerModule, PriceBook],
})
export class UsageModule {}
