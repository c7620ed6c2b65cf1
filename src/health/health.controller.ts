import { Controller, Get, Header, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import type { Response } from 'express';
import { Public } from '../auth/public.decorator.js';
import { HealthDto } from './health.dto.js';
import { ReadinessService, type Readiness } from './readiness.service.js';

/** `/health`: probes for orchestrators and load balancers, open to everybody. */
@ApiTags('Operations')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly readiness: ReadinessService,
  ) {}

  @Get('live')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'The process runs' })
  @ApiResponse({ status: 200, type: HealthDto })
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Requests may be sent here; `degraded` while only a provider is sick' })
  @ApiResponse({ status: 200, type: HealthDto })
  @ApiResponse({ status: 503, type: HealthDto, description: 'The database or the queue fails, or the server drains.' })
  async ready(@Res({ passthrough: true }) response: Response): Promise<HealthCheckResult> {
    return answer(await this.readiness.check(), response);
  }

  @Get('startup')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'The server has been ready once' })
  @ApiResponse({ status: 200, type: HealthDto })
  @ApiResponse({ status: 503, type: HealthDto, description: 'It was never ready so far.' })
  async startup(@Res({ passthrough: true }) response: Response): Promise<HealthCheckResult> {
    if (this.readiness.hasBeenReady) return this.health.check([]);
    return answer(await this.readiness.check(), response);
  }
}

function answer(readiness: Readiness, response: Response): HealthCheckResult {
  if (!readiness.isReady) response.status(HttpStatus.SERVICE_UNAVAILABLE);
  return readiness.result;
}
