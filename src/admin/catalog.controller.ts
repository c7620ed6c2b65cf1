import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { GatewayConfig } from '../config/gateway-config.js';
import { InvalidRequestError } from '../core/errors/app-error.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { CatalogFile } from '../providers/catalog/catalog-file.service.js';
import { CatalogDto, toCatalogDto } from './catalog.dto.js';
import { ReloadCatalogDto } from './catalog-reload.dto.js';

/** `/admin/catalog`: prices and abilities of models, and a way to take a new list of them. */
@ApiTags('Administration')
@Authenticated('admin')
@Controller('admin/catalog')
export class CatalogController {
  constructor(
    private readonly file: CatalogFile,
    private readonly gateway: GatewayConfig,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Show prices and abilities of models, and the prices that the configuration overrides' })
  @ApiResponse({ status: 200, type: CatalogDto })
  show(): CatalogDto {
    return toCatalogDto(this.file.status, this.file.catalog.entries(), this.gateway.prices);
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Read the catalogue file again, at once here; every process does within five seconds when it changed',
  })
  @ApiBody({ type: ReloadCatalogDto, required: false })
  @ApiResponse({ status: 200, type: CatalogDto })
  @ApiResponse({ status: 400, description: 'The file is wrong; the catalogue in use stays.', type: ErrorResponse })
  reload(@Body() body?: ReloadCatalogDto): CatalogDto {
    const problems = body?.check_only === true ? this.file.check() : this.file.reload().problems;
    if (problems.length === 0) return this.show();
    const details = problems.map((message) => ({ path: 'catalog', message }));
    const message = `The catalogue file is not taken; the one in use stays. ${problems[0] ?? ''}`;
    throw new InvalidRequestError('invalid_value', message, { details });
  }
}
