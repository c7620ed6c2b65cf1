import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AuditLog } from '../auth/audit/audit-log.js';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { AuditListDto, AuditQueryDto, toAuditEntryDto } from './audit.dto.js';
import { toListPage } from './list-page.js';

/** `/admin/audit`: who changed what, when and from where. */
@ApiTags('Administration')
@Authenticated('admin')
@Controller('admin/audit')
export class AuditController {
  constructor(private readonly log: AuditLog) {}

  @Get()
  @ApiOperation({ summary: 'List what administrators changed, newest first' })
  @ApiResponse({ status: 200, type: AuditListDto })
  @ApiResponse({ status: 400, description: 'A query parameter is wrong.', type: ErrorResponse })
  async list(@Query() query: AuditQueryDto): Promise<AuditListDto> {
    return toListPage(await this.log.list(query), toAuditEntryDto);
  }
}
