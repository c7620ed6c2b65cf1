import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors, BODY_ERRORS } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { CostEstimateDto, EstimateCostDto, toCostEstimateDto } from './cost-estimate.dto.js';
import { CostEstimates } from './cost-estimates.service.js';
import { toConversationShape } from './to-conversation-shape.js';

/** `/v1/cost`: what using models would cost. */
@ApiTags('Usage')
@Authenticated('usage')
@Controller('v1/cost')
export class CostController {
  constructor(private readonly estimates: CostEstimates) {}

  @Post('estimate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Estimate what conversations cost by day and month, model by model' })
  @ApiResponse({ status: 200, type: CostEstimateDto })
  @ApiErrors(...BODY_ERRORS, 404)
  estimate(@Body() body: EstimateCostDto, @Call() call: CallContext): CostEstimateDto {
    const shape = toConversationShape(body);
    const models = body.models ?? this.estimates.usualModels(call.principal);
    const perDay = body.conversations_per_day;
    const estimates = models.map((model) => this.estimates.estimate(model, shape, perDay, call.principal));
    return toCostEstimateDto(shape, perDay, estimates);
  }
}
