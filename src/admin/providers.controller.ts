import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { ProviderListDto, toProviderTargetDto } from './provider.dto.js';

/** `/admin/providers`: how the providers do, as this process sees it. */
@ApiTags('Administration')
@Authenticated('admin')
@Controller('admin/providers')
export class ProvidersController {
  constructor(private readonly registry: ProviderRegistry) {}

  @Get()
  @ApiOperation({ summary: 'Show breakers, cool-downs and last errors of the targets used since the start' })
  @ApiResponse({ status: 200, type: ProviderListDto })
  list(): ProviderListDto {
    return { object: 'list', data: this.registry.health().map(toProviderTargetDto) };
  }
}
