import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { BudgetTermsStore } from '../budgets/budget-terms.store.js';
import type { CallContext } from '../core/call-context.js';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import { Call } from '../http/call.decorator.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { RecordedRequestDto, toRecordedRequestDto } from './recorded-request.dto.js';
import { OwnUsageDto, toBudgetUsageDto } from './reports/own-usage.dto.js';
import { RecordedRequests } from './reports/recorded-requests.service.js';
import { ReportQueryDto, toReportQuery } from './reports/report-query.dto.js';
import { toUsageReportDto } from './reports/usage-report.dto.js';
import { UsageReports } from './reports/usage-reports.service.js';

/** `/v1/usage`: what the key's project used, what its requests cost, and what is left of its budgets. */
@ApiTags('Usage')
@Authenticated('usage')
@Controller('v1/usage')
export class UsageController {
  constructor(
    private readonly reports: UsageReports,
    private readonly budgets: BudgetTermsStore,
    private readonly requests: RecordedRequests,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: "Show what is left of the key's budgets, and what its project used" })
  @ApiResponse({ status: 200, type: OwnUsageDto })
  @ApiResponse({ status: 400, description: 'A query parameter is wrong.', type: ErrorResponse })
  async usage(@Query() input: ReportQueryDto, @Call() call: CallContext): Promise<OwnUsageDto> {
    const { keyId, projectId } = call.principal;
    const query = toReportQuery(input, { projectId, keyId: null, provider: null, model: null }, this.clock.now());
    const report = await this.reports.report(query);
    const standings = await this.budgets.standings([
      { kind: 'key', id: keyId },
      { kind: 'project', id: projectId },
    ]);
    const budgets = [...(standings.get(keyId) ?? []), ...(standings.get(projectId) ?? [])];
    return {
      object: 'usage',
      key_id: keyId,
      project_id: projectId,
      data: budgets.map(toBudgetUsageDto),
      report: toUsageReportDto(query, report),
    };
  }

  @Get('requests/:id')
  @ApiOperation({ summary: 'Show what a request used and cost, by its `x-request-id`, as soon as its answer is over' })
  @ApiResponse({ status: 200, type: RecordedRequestDto })
  @ApiResponse({ status: 404, description: 'The project has no such request.', type: ErrorResponse })
  async show(@Param('id') id: string, @Call() call: CallContext): Promise<RecordedRequestDto> {
    const found = await this.requests.find(call.principal.projectId, id);
    if (!found) throw new AppError('not_found', 'There is no request with this id in the project of the key.');
    return toRecordedRequestDto(found.request, found.attempts);
  }
}
