import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Response } from 'express';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { sendJson } from '../../http/json-reply.js';
import { nativeErrorFrame } from '../../http/native-error-frame.js';
import { sendSse } from '../../http/sse-reply.js';
import { AnsweringService } from './answering.service.js';
import { QueryReplyDto, QueryRequestDto } from './query.dto.js';
import { renderFrames, renderReply } from './render-answer.js';

const STREAM_DESCRIPTION =
  'Server-sent events with `data: {"type": ...}`: `retrieval`, `sources`, `delta` (with `text`), `citation`, `done`, then ' +
  '`[DONE]`; or `error` at the end, and no `[DONE]`.';

/** `/v1/query` and `/v1/stream`: questions answered from the documents. */
@ApiTags('Knowledge')
@Authenticated('rag')
@Controller('v1')
export class QueryController {
  constructor(
    private readonly answering: AnsweringService,
    private readonly clock: Clock,
  ) {}

  @Post('query')
  @HttpCode(200)
  @ApiOperation({ summary: 'Answer a question from the documents, with citations', operationId: 'query' })
  @ApiExtraModels(QueryReplyDto)
  @ApiResponse({
    status: 200,
    content: {
      'application/json': { schema: { $ref: getSchemaPath(QueryReplyDto) } },
      'text/event-stream': { schema: { type: 'string' } },
    },
    description: `The answer. With \`stream: true\`: ${STREAM_DESCRIPTION}`,
  })
  @ApiErrors(...BODY_ERRORS, 404, 409, ...PROVIDER_ERRORS)
  async query(@Body() body: QueryRequestDto, @Call() call: CallContext, @Res() response: Response): Promise<void> {
    if (body.stream === true) {
      await this.#send(body, call, response);
      return;
    }
    const { basis, events } = await this.answering.prepare(body, call, false);
    for await (const event of events) {
      if (event.type === 'done') sendJson(response, renderReply(basis, event.end, call, this.clock.now()));
    }
  }

  @Post('stream')
  @HttpCode(200)
  @ApiOperation({ summary: 'Answer a question from the documents as a stream of events', operationId: 'streamQuery' })
  @ApiResponse({
    status: 200,
    description: STREAM_DESCRIPTION,
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @ApiErrors(...BODY_ERRORS, 404, 409, ...PROVIDER_ERRORS)
  async stream(@Body() body: QueryRequestDto, @Call() call: CallContext, @Res() response: Response): Promise<void> {
    await this.#send(body, call, response);
  }

  async #send(body: QueryRequestDto, call: CallContext, response: Response): Promise<void> {
    const frames = this.answering
      .prepare(body, call, true)
      .then(({ basis, events }) => renderFrames(basis, events, call, () => this.clock.now()));
    await sendSse(response, call, frames, nativeErrorFrame);
  }
}
