import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors, BODY_ERRORS } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { EvaluateReplyDto, EvaluateRequestDto } from './evaluation.dto.js';
import { EvaluationService } from './evaluation.service.js';

/** `/v1/collections/{id}/evaluate`: how good search is on a collection, measured. */
@ApiTags('Knowledge')
@Authenticated('rag')
@Controller('v1/collections')
export class EvaluationController {
  constructor(private readonly evaluations: EvaluationService) {}

  @Post(':id/evaluate')
  @HttpCode(202)
  @ApiOperation({ summary: 'Measure search on a collection against your own judgements' })
  @ApiResponse({ status: 202, type: EvaluateReplyDto, description: 'A job measures it.' })
  @ApiErrors(...BODY_ERRORS, 404)
  evaluate(
    @Param('id') id: string,
    @Body() body: EvaluateRequestDto,
    @Call() call: CallContext,
  ): Promise<EvaluateReplyDto> {
    return this.evaluations.submit(id, body, call.principal);
  }
}
