import { Module } from '@nestjs/common';
import { BudgetExchangeStore } from './budget-exchange.store.js';
import { BudgetTermsStore } from './budget-terms.store.js';
import { BudgetUpkeepStore } from './budget-upkeep.store.js';
import { BudgetWatch } from './budget-watch.service.js';
import { BudgetsService } from './budgets.service.js';
import { Reserver } from './reserver.service.js';

/**
 * Budgets: their definition, reservations in them, and what is told of them. Settling is the ledger's. There is one of it in a
 * process, because the database counts the exchanges of each. Not global: those are shut down after the database.
 */
@Module({
  providers: [BudgetExchangeStore, BudgetTermsStore, BudgetUpkeepStore, BudgetWatch, BudgetsService, Reserver],
  exports: [BudgetTermsStore, BudgetsService],
})
export class BudgetsModule {}
