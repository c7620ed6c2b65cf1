import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { AppError } from '../core/errors/app-error.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { RecordedRequests } from '../usage/reports/recorded-requests.service.js';
import { toListPage } from './list-page.js';
import { RequestsQueryDto, toRequestFilters } from './requests-query.dto.js';
import { LedgerRequestDto, LedgerRequestListDto, toLedgerRequestDto } from './requests.dto.js';

/** `/admin/requests`: the ledger, request by request, with the attempts of each. */
@ApiTags('Administration')
@Authenticated('admin')
@Controller('admin/requests')
export class RequestsController {
  constructor(private readonly requests: RecordedRequests) {}

  @Get()
  @ApiOperation({ summary: 'List the requests of all projects with their attempts, newest first' })
  @ApiResponse({ status: 200, type: LedgerRequestListDto })
  @ApiResponse({ status: 400, description: 'A query parameter is wrong.', type: ErrorResponse })
  async list(@Query() query: RequestsQueryDto): Promise<LedgerRequestListDto> {
    const { items, hasMore } = await this.requests.list(toRequestFilters(query), query.limit, query.after);
    return toListPage({ items: [...items], hasMore }, toLedgerRequestDto);
  }

  @Get(':id')
  @ApiOperation({ summary: "Show a request by the ledger's id of it, or the last one under an `x-request-id`" })
  @ApiResponse({ status: 200, type: LedgerRequestDto })
  @ApiResponse({ status: 404, description: 'There is no such request.', type: ErrorResponse })
  async show(@Param('id') id: string): Promise<LedgerRequestDto> {
    const found = await this.requests.findAnywhere(id);
    if (!found) throw new AppError('not_found', 'There is no request with this id.');
    return toLedgerRequestDto(found);
  }
}
