import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { ListQueryDto } from '../../http/list-query.dto.js';
import { ChunkListDto } from './chunk.dto.js';
import { DocumentChunksService } from './document-chunks.service.js';

/** `/v1/documents/{id}/chunks`: how a document was cut. */
@ApiTags('Knowledge')
@Authenticated('rag')
@Controller('v1/documents')
export class DocumentChunksController {
  constructor(private readonly chunks: DocumentChunksService) {}

  @Get(':id/chunks')
  @ApiOperation({ summary: 'List the chunks of the visible version of a document, in their order' })
  @ApiResponse({ status: 200, type: ChunkListDto })
  @ApiErrors(400, 404, 500)
  list(@Param('id') id: string, @Query() page: ListQueryDto, @Call() call: CallContext): Promise<ChunkListDto> {
    return this.chunks.list(call.principal.projectId, id, page);
  }
}
