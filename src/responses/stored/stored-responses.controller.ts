import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { ApiErrors } from '../../http/api-errors.decorator.js';
import { callOf } from '../../http/call-of.js';
import { Call } from '../../http/call.decorator.js';
import { sendJson } from '../../http/json-reply.js';
import type { ListOf } from '../../http/list-of.js';
import { schemaReference } from '../../http/schema-reference.js';
import { sendSse } from '../../http/sse-reply.js';
import { BackgroundStreams } from '../background/background-streams.service.js';
import { renderTailError } from '../background/render-tail-error.js';
import { InputItemsQueryDto, StoredResponseQueryDto } from './stored-query.dto.js';
import { StoredResponses } from './stored-responses.service.js';

const ITEM_LIST = {
  type: 'object',
  required: ['object', 'data', 'has_more', 'first_id', 'last_id'],
  properties: {
    object: { type: 'string', enum: ['list'] },
    data: { type: 'array', items: schemaReference('ResponseItem') },
    has_more: { type: 'boolean' },
    first_id: { type: 'string', nullable: true },
    last_id: { type: 'string', nullable: true },
  },
};

/** OpenAI's Responses, as they are kept. */
@ApiTags('OpenAI-compatible')
@Controller('v1/responses')
@Authenticated('chat')
export class StoredResponsesController {
  constructor(
    private readonly stored: StoredResponses,
    private readonly streams: BackgroundStreams,
  ) {}

  @Get(':id')
  @ApiOperation({
    summary: 'Show a stored response',
    description: 'With `stream=true` the events of a response in the background, also while it is being made.',
    operationId: 'getResponse',
  })
  @ApiResponse({
    status: 200,
    description: 'The response as it stands, or its events.',
    content: {
      'application/json': { schema: schemaReference('Response') },
      'text/event-stream': { schema: schemaReference('ResponseEvent') },
    },
  })
  @ApiErrors(400, 404, 500)
  async get(
    @Param('id') id: string,
    @Query() query: StoredResponseQueryDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const call = callOf(request);
    const { projectId } = call.principal;
    if (query.stream !== 'true') {
      requireNoCursor(query);
      sendJson(response, await this.stored.show(projectId, id));
      return;
    }
    await this.streams.requireStream(await this.stored.require(projectId, id));
    const frames = this.streams.follow(id, query.starting_after ?? -1, call);
    await sendSse(response, call, Promise.resolve(frames), renderTailError);
  }

  @Get(':id/input_items')
  @ApiOperation({
    summary: 'What a response was made of',
    description: 'The items of its request, and those of the responses that it goes on from.',
    operationId: 'listResponseInputItems',
  })
  @ApiResponse({ status: 200, description: 'A page of items.', schema: ITEM_LIST })
  @ApiErrors(400, 404, 500)
  listInputItems(
    @Param('id') id: string,
    @Query() query: InputItemsQueryDto,
    @Call() call: CallContext,
  ): Promise<ListOf<JsonObject & { id: string }>> {
    const { limit, order, after } = query;
    return this.stored.listInput(call.principal.projectId, id, { limit, order, after });
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel a response in the background', operationId: 'cancelResponse' })
  @ApiResponse({ status: 200, description: 'The response as it is now.', schema: schemaReference('Response') })
  @ApiErrors(404, 409, 500)
  cancel(@Param('id') id: string, @Call() call: CallContext): Promise<JsonObject> {
    return this.stored.cancel(call.principal.projectId, id);
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Delete a stored response',
    description: 'Nothing goes on from it any more, nor from what went on from it.',
    operationId: 'deleteResponse',
  })
  @ApiResponse({
    status: 200,
    description: 'It is gone.',
    schema: {
      type: 'object',
      required: ['id', 'object', 'deleted'],
      properties: {
        id: { type: 'string' },
        object: { type: 'string', enum: ['response'] },
        deleted: { type: 'boolean' },
      },
    },
  })
  @ApiErrors(404, 500)
  async remove(@Param('id') id: string, @Call() call: CallContext): Promise<JsonObject> {
    await this.stored.remove(call.principal.projectId, id);
    return { id, object: 'response', deleted: true };
  }
}

function requireNoCursor({ starting_after: after }: StoredResponseQueryDto): void {
  if (after === undefined) return;
  throw new InvalidRequestError('invalid_query', '`starting_after` is only possible with `stream=true`.', {
    param: 'starting_after',
  });
}
