import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { ChatService } from '../chat/chat.service.js';
import { PromptTokens } from '../chat/prompt-tokens.service.js';
import { collectChat } from '../core/chat/collect-chat.js';
import { anthropicMessagesDialect } from '../dialects/anthropic-messages/anthropic-messages-dialect.js';
import {
  parseBetas,
  parseCountRequest,
  parseMessagesRequest,
} from '../dialects/anthropic-messages/parse-messages-request.js';
import { renderAnthropicErrorFrame } from '../dialects/anthropic-messages/render-error.js';
import { ApiCacheHeaders } from '../http/api-cache-headers.decorator.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { callOf } from '../http/call-of.js';
import { sendJson } from '../http/json-reply.js';
import { schemaReference } from '../http/schema-reference.js';
import { sendSse } from '../http/sse-reply.js';

const BETAS = {
  name: 'anthropic-beta',
  required: false,
  description: "Flags for Anthropic's providers, which get all of them; none is refused here.",
};

/** Anthropic's Messages. */
@ApiTags('Anthropic-compatible')
@Controller('v1/messages')
export class MessagesController {
  constructor(
    private readonly chat: ChatService,
    private readonly tokens: PromptTokens,
  ) {}

  @Post()
  @HttpCode(200)
  @Authenticated('chat')
  @ApiOperation({
    summary: 'Answer a conversation, as Anthropic does',
    description: 'With `stream: true` the answer is a stream of named events that ends with `message_stop`.',
    operationId: 'createMessage',
  })
  @ApiCacheHeaders()
  @ApiHeader(BETAS)
  @ApiBody({ schema: schemaReference('MessageRequest') })
  @ApiResponse({
    status: 200,
    description: 'The answer, whole or as a stream of events.',
    content: {
      'application/json': { schema: schemaReference('Message') },
      'text/event-stream': { schema: schemaReference('MessageEvent') },
    },
  })
  @ApiErrors(...BODY_ERRORS, 404, ...PROVIDER_ERRORS, 529)
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const wanted = parseMessagesRequest(jsonBodyOf(request), parseBetas(request.headers['anthropic-beta']));
    const events = this.chat.answer(wanted, call);
    if (!wanted.stream) {
      const result = await collectChat(await events);
      sendJson(response, anthropicMessagesDialect.renderResult(result, wanted));
      return;
    }
    const frames = events.then((answer) => anthropicMessagesDialect.renderStream(answer, wanted));
    await sendSse(response, call, frames, renderAnthropicErrorFrame);
  }

  @Post('count_tokens')
  @HttpCode(200)
  @Authenticated('chat')
  @ApiOperation({
    summary: 'Count the tokens of a conversation before it is sent',
    description: "Anthropic's own count where the model is one of its models, else an estimate. It costs nothing.",
    operationId: 'countMessageTokens',
  })
  @ApiHeader(BETAS)
  @ApiBody({ schema: schemaReference('MessageCountRequest') })
  @ApiResponse({ status: 200, description: 'The count.', schema: schemaReference('MessageTokenCount') })
  @ApiErrors(...BODY_ERRORS, 404)
  async count(@Req() request: Request, @Res() response: Response): Promise<void> {
    const betas = parseBetas(request.headers['anthropic-beta']);
    const asked = parseCountRequest(jsonBodyOf(request), betas);
    sendJson(response, { input_tokens: await this.tokens.count(asked, callOf(request)) });
  }
}
