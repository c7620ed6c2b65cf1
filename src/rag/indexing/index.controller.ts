import { Body, Controller, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors, BODY_ERRORS } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { IndexReplyDto, IndexRequestDto } from './index.dto.js';
import { IndexingService } from './indexing.service.js';

/** `/v1/index`: text in, searchable soon after. */
@ApiTags('Knowledge')
@Authenticated('rag')
@Controller('v1/index')
export class IndexController {
  constructor(private readonly indexing: IndexingService) {}

  @Post()
  @ApiOperation({ summary: 'Index a text' })
  @ApiResponse({ status: 202, type: IndexReplyDto, description: 'A job indexes it.' })
  @ApiResponse({
    status: 200,
    type: IndexReplyDto,
    description: 'The same content is indexed already, or about to be.',
  })
  @ApiErrors(...BODY_ERRORS, 404, 409)
  async index(
    @Body() body: IndexRequestDto,
    @Call() call: CallContext,
    @Res({ passthrough: true }) response: Response,
  ): Promise<IndexReplyDto> {
    const reply = await this.indexing.submit(body, call.principal);
    response.status(reply.status === 'queued' ? 202 : 200);
    return reply;
  }
}
