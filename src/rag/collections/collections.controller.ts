import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { AppError } from '../../core/errors/app-error.js';
import { ApiErrors, BODY_ERRORS } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { ListQueryDto } from '../../http/list-query.dto.js';
import {
  CollectionDto,
  CollectionListDto,
  CreateCollectionDto,
  DeletedDto,
  RecountDto,
  toCollectionDto,
  UpdateCollectionDto,
} from './collection.dto.js';
import { CollectionUpdates } from './collection-updates.service.js';
import { CollectionsService } from './collections.service.js';
import { RecountWorker } from '../indexing/recount.worker.js';

/** `/v1/collections`: sets of documents that are searched together. */
@ApiTags('Knowledge')
@Authenticated('rag')
@Controller('v1/collections')
export class CollectionsController {
  constructor(
    private readonly collections: CollectionsService,
    private readonly updates: CollectionUpdates,
    private readonly recounts: RecountWorker,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Make a collection' })
  @ApiResponse({ status: 201, type: CollectionDto })
  @ApiErrors(...BODY_ERRORS, 404, 409)
  async create(@Body() body: CreateCollectionDto, @Call() call: CallContext): Promise<CollectionDto> {
    return toCollectionDto(await this.collections.create(body, call));
  }

  @Get()
  @ApiOperation({ summary: 'List the collections of the project, newest first' })
  @ApiResponse({ status: 200, type: CollectionListDto })
  @ApiErrors(400, 500)
  list(@Query() query: ListQueryDto, @Call() call: CallContext): Promise<CollectionListDto> {
    return this.collections.list(call.principal.projectId, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a collection, by id or name' })
  @ApiResponse({ status: 200, type: CollectionDto })
  @ApiErrors(404, 500)
  async get(@Param('id') id: string, @Call() call: CallContext): Promise<CollectionDto> {
    const collection = await this.collections.find(call.principal.projectId, id);
    if (!collection) throw new AppError('collection_not_found', 'There is no such collection.');
    return toCollectionDto(collection);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change a collection, its embedding model too' })
  @ApiResponse({ status: 200, type: CollectionDto, description: 'The collection; another model comes by a job.' })
  @ApiErrors(...BODY_ERRORS, 404, 409)
  async update(
    @Param('id') id: string,
    @Body() body: UpdateCollectionDto,
    @Call() call: CallContext,
  ): Promise<CollectionDto> {
    return toCollectionDto(await this.updates.update(id, body, call));
  }

  @Post(':id/recount')
  @HttpCode(202)
  @ApiOperation({ summary: 'Count the words of a collection anew, to mend what ranks its documents' })
  @ApiResponse({ status: 202, type: RecountDto, description: 'A job does it.' })
  @ApiErrors(404, 500)
  async recount(@Param('id') id: string, @Call() call: CallContext): Promise<RecountDto> {
    const collection = await this.collections.find(call.principal.projectId, id);
    if (!collection) throw new AppError('collection_not_found', 'There is no such collection.');
    return { job_id: (await this.recounts.ask(collection.id, call.principal)).id };
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a collection with all its documents' })
  @ApiResponse({ status: 200, type: DeletedDto })
  @ApiErrors(404, 500)
  async remove(@Param('id') id: string, @Call() call: CallContext): Promise<DeletedDto> {
    return { id: await this.collections.remove(call.principal.projectId, id), deleted: true };
  }
}
