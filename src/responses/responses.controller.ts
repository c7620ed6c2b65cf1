import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { ApiCacheHeaders } from '../http/api-cache-headers.decorator.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { callOf } from '../http/call-of.js';
import { sendJson } from '../http/json-reply.js';
import { schemaReference } from '../http/schema-reference.js';
import { sendSse } from '../http/sse-reply.js';
import { BackgroundResponses } from './background/background-responses.service.js';
import { BackgroundStreams } from './background/background-streams.service.js';
import { renderTailError } from './background/render-tail-error.js';
import { InputTokens } from './input-tokens.service.js';
import { ResponseRequests } from './response-requests.service.js';
import { ResponsesService } from './responses.service.js';

/** OpenAI's Responses, as they are made. */
@ApiTags('OpenAI-compatible')
@Controller('v1/responses')
@Authenticated('chat')
export class ResponsesController {
  constructor(
    private readonly requests: ResponseRequests,
    private readonly responses: ResponsesService,
    private readonly background: BackgroundResponses,
    private readonly streams: BackgroundStreams,
    private readonly tokens: InputTokens,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: "Answer a request of OpenAI's Responses",
    description:
      'Stored for later requests to go on from (`previous_response_id`) unless `store` is false. With `stream: true` the ' +
      'answer is a stream of named events; with `background: true` it is fetched later.',
    operationId: 'createResponse',
  })
  @ApiCacheHeaders()
  @ApiBody({ schema: schemaReference('ResponseRequest') })
  @ApiResponse({
    status: 200,
    description: 'The response, whole or as a stream of events; in the background as it stands.',
    content: {
      'application/json': { schema: schemaReference('Response') },
      'text/event-stream': { schema: schemaReference('ResponseEvent') },
    },
  })
  @ApiErrors(...BODY_ERRORS, 404, 409, ...PROVIDER_ERRORS)
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const body = jsonBodyOf(request);
    const told = await this.requests.read(body, call);
    if (told.request.isBackground) {
      const head = this.responses.newHead();
      const queued = await this.background.create(told, head, body, call);
      if (!told.chat.stream) sendJson(response, queued);
      else await sendSse(response, call, Promise.resolve(this.streams.follow(head.id, -1, call)), renderTailError);
      return;
    }
    if (!told.chat.stream) {
      sendJson(response, await this.responses.answer(told, call));
      return;
    }
    const { frames, renderFailure } = this.responses.stream(told, call, () => response.headersSent);
    await sendSse(response, call, frames, renderFailure);
  }

  @Post('input_tokens')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Count the tokens of a request before it is sent',
    description: "The provider's own count where it has one, else an estimate. It costs nothing.",
    operationId: 'countResponseInputTokens',
  })
  @ApiBody({ schema: schemaReference('ResponseRequest') })
  @ApiResponse({
    status: 200,
    description: 'The count.',
    schema: {
      type: 'object',
      required: ['object', 'input_tokens'],
      properties: { object: { type: 'string', enum: ['response.input_tokens'] }, input_tokens: { type: 'integer' } },
    },
  })
  @ApiErrors(...BODY_ERRORS, 404, 409)
  async count(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const told = await this.requests.read(jsonBodyOf(request), call);
    sendJson(response, { object: 'response.input_tokens', input_tokens: await this.tokens.count(told, call) });
  }
}
