import { Controller, Delete, Get, Header, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { DeletedDto } from '../collections/collection.dto.js';
import { CollectionsService } from '../collections/collections.service.js';
import { DocumentDto, DocumentListDto, DocumentQueryDto } from './document.dto.js';
import { DocumentsService } from './documents.service.js';

/** `/v1/documents`: what was indexed. */
@ApiTags('Knowledge')
@Authenticated('rag')
@Controller('v1/documents')
export class DocumentsController {
  constructor(
    private readonly documents: DocumentsService,
    private readonly collections: CollectionsService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List documents, newest first' })
  @ApiResponse({ status: 200, type: DocumentListDto })
  @ApiErrors(400, 404, 500)
  async list(@Query() query: DocumentQueryDto, @Call() call: CallContext): Promise<DocumentListDto> {
    const { projectId } = call.principal;
    const { limit, after } = query;
    if (query.collection === undefined) return this.documents.list(projectId, { limit, after });
    const collection = await this.collections.require(projectId, query.collection);
    return this.documents.list(projectId, { limit, after, collectionId: collection.id });
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a document' })
  @ApiResponse({ status: 200, type: DocumentDto })
  @ApiErrors(404, 500)
  get(@Param('id') id: string, @Call() call: CallContext): Promise<DocumentDto> {
    return this.documents.get(call.principal.projectId, id);
  }

  @Get(':id/text')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('x-content-type-options', 'nosniff')
  @ApiOperation({ summary: 'The stored text that all offsets point into' })
  @ApiProduces('text/plain')
  @ApiResponse({ status: 200, description: 'The text, exactly as it was indexed.', schema: { type: 'string' } })
  @ApiErrors(404, 500)
  text(@Param('id') id: string, @Call() call: CallContext): Promise<string> {
    return this.documents.text(call.principal.projectId, id);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a document, from searches too' })
  @ApiResponse({ status: 200, type: DeletedDto })
  @ApiErrors(404, 500)
  async remove(@Param('id') id: string, @Call() call: CallContext): Promise<DeletedDto> {
    await this.documents.remove(call.principal.projectId, id);
    return { id, deleted: true };
  }
}
