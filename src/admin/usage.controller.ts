import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { Clock } from '../core/clock.js';
import { InvalidRequestError } from '../core/errors/app-error.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { MOST_GROUPS, toReportQuery } from '../usage/reports/report-query.dto.js';
import { toUsageCsv, toUsageReportDto, UsageReportDto } from '../usage/reports/usage-report.dto.js';
import { UsageReports } from '../usage/reports/usage-reports.service.js';
import { UsageQueryDto } from './usage-query.dto.js';

/** `/admin/usage`: what all projects used and what it cost. */
@ApiTags('Administration')
@Authenticated('admin')
@Controller('admin/usage')
export class UsageReportsController {
  constructor(
    private readonly reports: UsageReports,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Report usage and cost by day, project, key, model, provider or tag, as JSON or CSV' })
  @ApiProduces('application/json', 'text/csv')
  @ApiOkResponse({
    content: {
      'application/json': { schema: { $ref: getSchemaPath(UsageReportDto) } },
      'text/csv': { schema: { type: 'string' } },
    },
  })
  @ApiResponse({ status: 400, description: 'A query parameter is wrong.', type: ErrorResponse })
  async report(
    @Query() input: UsageQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<UsageReportDto | string> {
    const { project_id = null, key_id = null, provider = null, model = null, format } = input;
    const isCsv = format === 'csv';
    const query = toReportQuery(
      isCsv ? Object.assign(input, { limit: MOST_GROUPS }) : input,
      { projectId: project_id, keyId: key_id, provider, model },
      this.clock.now(),
    );
    const report = await this.reports.report(query);
    if (!isCsv) return toUsageReportDto(query, report);
    if (report.hasMore) throw tooLong();
    const name = `usage-${query.range.from.toISOString().slice(0, 10)}.csv`;
    response.type('text/csv; charset=utf-8').setHeader('content-disposition', `attachment; filename="${name}"`);
    return toUsageCsv(query, report);
  }
}

// A table that ends somewhere without saying so would be taken for the whole.
function tooLong(): InvalidRequestError {
  const message = `The report has more than ${String(MOST_GROUPS)} rows. Group by less, ask for a shorter time, or page through the JSON.`;
  return new InvalidRequestError('invalid_query', message, { param: 'format' });
}
