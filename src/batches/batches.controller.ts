import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import type { CallContext } from '../core/call-context.js';
import type { JsonObject } from '../core/json.js';
import { ApiErrors, BODY_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { Call } from '../http/call.decorator.js';
import { callOf } from '../http/call-of.js';
import { type ListOf, listOf } from '../http/list-of.js';
import { ListQueryDto } from '../http/list-query.dto.js';
import { BatchCreator } from './batch-creator.service.js';
import { BatchDto, BatchListDto, CreateBatchDto, CreatedBatchDto } from './batch.dto.js';
import { BatchesService } from './batches.service.js';
import { parseBatchRequest } from './parse-batch-request.js';
import { renderBatch } from './render-batch.js';
import { sendPieces } from './send-pieces.js';
import { BatchStore } from './store/batch-store.js';
import { ResultLines } from './store/result-lines.service.js';

/** OpenAI's batches, and ours with the requests in the body. */
@ApiTags('OpenAI-compatible')
@ApiExtraModels(BatchDto)
@Authenticated('batches')
@Controller('v1/batches')
export class BatchesController {
  constructor(
    private readonly batches: BatchesService,
    private readonly creator: BatchCreator,
    private readonly store: BatchStore,
    private readonly results: ResultLines,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Have many requests answered in the background',
    description: 'They are in a file (`input_file_id`), as OpenAI has it, or in the body (`requests`).',
    operationId: 'createBatch',
  })
  @ApiBody({ type: CreateBatchDto })
  @ApiResponse({ status: 200, type: CreatedBatchDto })
  @ApiErrors(...BODY_ERRORS, 404, 409, 507)
  async create(@Req() request: Request): Promise<JsonObject> {
    const call = callOf(request);
    const wanted = parseBatchRequest(jsonBodyOf(request));
    await this.batches.requireRoom(call.principal.projectId);
    const { batch, webhook } = await this.creator.create(wanted, call, request.headers.host ?? '');
    if (!webhook) return renderBatch(batch);
    const { id, url, secret } = webhook;
    return { ...renderBatch(batch), webhook: { id, url, ...(secret !== null && { secret }) } };
  }

  @Get()
  @ApiOperation({ summary: 'List batches, newest first', operationId: 'listBatches' })
  @ApiResponse({ status: 200, type: BatchListDto })
  @ApiErrors(400, 500)
  async list(@Query() page: ListQueryDto, @Call() call: CallContext): Promise<ListOf<JsonObject & { id: string }>> {
    const { batches, hasMore } = await this.store.list(call.principal.projectId, page);
    return listOf(
      batches.map((batch) => ({ ...renderBatch(batch), id: batch.id })),
      hasMore,
    );
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show how a batch stands', operationId: 'retrieveBatch' })
  @ApiResponse({ status: 200, type: BatchDto })
  @ApiErrors(404, 500)
  async get(@Param('id') id: string, @Call() call: CallContext): Promise<JsonObject> {
    return renderBatch(await this.batches.get(call.principal.projectId, id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stop a batch', operationId: 'cancelBatch' })
  @ApiResponse({ status: 200, type: BatchDto, description: 'The batch, which is over.' })
  @ApiErrors(404, 409, 500)
  async cancel(@Param('id') id: string, @Call() call: CallContext): Promise<JsonObject> {
    return renderBatch(await this.batches.cancel(call.principal.projectId, id));
  }

  @Get(':id/results')
  @ApiOperation({
    summary: 'Get the results of a batch, one line each',
    description:
      'All that there are, in the order of the requests, those that failed too. `x-trunkline-batch-status` says how the ' +
      'batch stood when they were read: while it is `in_progress` more will come.',
    operationId: 'getBatchResults',
  })
  @ApiProduces('application/jsonl')
  @ApiResponse({ status: 200, schema: { type: 'string' }, description: 'One JSON object in each line.' })
  @ApiErrors(404, 500)
  async read(@Param('id') id: string, @Call() call: CallContext, @Res() response: Response): Promise<void> {
    const { status } = await this.batches.get(call.principal.projectId, id);
    await sendPieces(response, this.results.read(id, null), {
      'content-type': 'application/jsonl; charset=utf-8',
      'x-trunkline-batch-status': status,
    });
  }
}
