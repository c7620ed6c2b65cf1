import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ErrorResponse } from '../http/error-response.dto.js';
import { Access } from '../http/route-access.js';
import { MetricsService } from './metrics.service.js';

/** `/metrics`: numbers for Prometheus. */
@ApiTags('Operations')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @Access({ kind: 'metrics' })
  @ApiOperation({ summary: 'Metrics in the text format of Prometheus; with METRICS_AUTH, for admin keys only' })
  @ApiProduces('text/plain')
  @ApiResponse({
    status: 200,
    description: 'Every metric of this process.',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  @ApiResponse({ status: 401, description: 'With METRICS_AUTH: no valid key.', type: ErrorResponse })
  @ApiResponse({ status: 403, description: 'With METRICS_AUTH: the key lacks the scope `admin`.', type: ErrorResponse })
  async scrape(@Res({ passthrough: true }) response: Response): Promise<string> {
    const text = await this.metrics.render();
    response.setHeader('content-type', this.metrics.contentType);
    return text;
  }
}
