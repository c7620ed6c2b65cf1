import { Module } from '@nestjs/common';
import { BudgetsModule } from '../../budgets/budgets.module.js';
import { UsageController } from '../usage.controller.js';
import { CostController } from './cost.controller.js';
import { CostEstimates } from './cost-estimates.service.js';
import { RecordedRequests } from './recorded-requests.service.js';
import { UsageReports } from './usage-reports.service.js';

/** What was used and what it cost, request by request and summed up, and what it would cost. */
@Module({
  imports: [BudgetsModule],
  controllers: [UsageController, CostController],
  providers: [UsageReports, RecordedRequests, CostEstimates],
  exports: [UsageReports, RecordedRequests],
})
export class ReportsModule {}
