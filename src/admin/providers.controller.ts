import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AuditLog, type ChangeAuthor } from '../auth/audit/audit-log.js';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { Author } from './audit-author.decorator.js';
import { ProviderListDto, toProviderTargetDto } from './provider.dto.js';
import { ProviderResetsService } from './provider-resets.service.js';
import { ProviderResetDto, ResetProviderDto } from './reset-provider.dto.js';

/** `/admin/providers`: how the providers do, as this process sees it, and a way to give them another chance everywhere. */
@ApiTags('Administration')
@Authenticated('admin')
@Controller('admin/providers')
export class ProvidersController {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly resets: ProviderResetsService,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Show state, latency, last errors, cool-downs and limits of the targets, as this process sees them',
  })
  @ApiResponse({ status: 200, type: ProviderListDto })
  list(): ProviderListDto {
    return { object: 'list', data: this.registry.health().map(toProviderTargetDto) };
  }

  @Post(':name/reset')
  @HttpCode(200)
  @ApiOperation({ summary: 'Close breakers, end cool-downs and re-enable credentials, in every process within 5 s' })
  @ApiBody({ type: ResetProviderDto, required: false })
  @ApiResponse({ status: 200, type: ProviderResetDto })
  @ApiResponse({ status: 400, description: 'A field is unknown or wrong.', type: ErrorResponse })
  @ApiResponse({ status: 404, description: 'There is no such provider.', type: ErrorResponse })
  async reset(
    @Param('name') name: string,
    @Author() author: ChangeAuthor,
    @Body() body?: ResetProviderDto,
  ): Promise<ProviderResetDto> {
    const reason = body?.reason ?? null;
    const resetAt = await this.resets.reset(name, { keyId: author.actor, reason });
    await this.audit.record(author, { action: 'provider.reset', target: name, changes: { reason } });
    return { provider: name, reset_at: resetAt.toISOString() };
  }
}
