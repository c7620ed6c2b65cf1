import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { ChatService } from '../chat/chat.service.js';
import { collectChat } from '../core/chat/collect-chat.js';
import { openAiChatDialect } from '../dialects/openai-chat/openai-chat-dialect.js';
import { renderOpenAiErrorFrame } from '../dialects/openai-chat/render-error.js';
import { ApiCacheHeaders } from '../http/api-cache-headers.decorator.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { callOf } from '../http/call-of.js';
import { sendJson } from '../http/json-reply.js';
import { schemaReference } from '../http/schema-reference.js';
import { sendSse } from '../http/sse-reply.js';

/** OpenAI's Chat Completions. */
@ApiTags('OpenAI-compatible')
@Controller('v1/chat/completions')
export class CompletionsController {
  constructor(private readonly chat: ChatService) {}

  @Post()
  @HttpCode(200)
  @Authenticated('chat')
  @ApiOperation({
    summary: 'Answer a conversation, as OpenAI does',
    description: 'With `stream: true` the answer is a stream of server-sent events that ends with `[DONE]`.',
    operationId: 'createChatCompletion',
  })
  @ApiCacheHeaders()
  @ApiBody({ schema: schemaReference('ChatCompletionRequest') })
  @ApiResponse({
    status: 200,
    description: 'The answer, whole or as a stream of chunks.',
    content: {
      'application/json': { schema: schemaReference('ChatCompletion') },
      'text/event-stream': { schema: schemaReference('ChatCompletionChunk') },
    },
  })
  @ApiErrors(...BODY_ERRORS, 404, ...PROVIDER_ERRORS)
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const wanted = openAiChatDialect.parse(jsonBodyOf(request));
    const events = this.chat.answer(wanted, call);
    if (!wanted.stream) {
      const result = await collectChat(await events);
      sendJson(response, openAiChatDialect.renderResult(result, wanted));
      return;
    }
    const frames = events.then((answer) => openAiChatDialect.renderStream(answer, wanted));
    await sendSse(response, call, frames, renderOpenAiErrorFrame);
  }
}
