import { Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { ChatService } from '../chat/chat.service.js';
import type { CallContext } from '../core/call-context.js';
import { collectChat } from '../core/chat/collect-chat.js';
import type { JsonObject } from '../core/json.js';
import { openAiChatDialect } from '../dialects/openai-chat/openai-chat-dialect.js';
import { renderOpenAiErrorFrame } from '../dialects/openai-chat/render-error.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { JsonBody } from '../http/body/json-body.decorator.js';
import { Call } from '../http/call.decorator.js';
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
  async create(@JsonBody() body: JsonObject, @Call() call: CallContext, @Res() response: Response): Promise<void> {
    const request = openAiChatDialect.parse(body);
    const events = this.chat.answer(request, call);
    if (!request.stream) {
      const result = await collectChat(await events);
      sendJson(response, openAiChatDialect.renderResult(result, request));
      return;
    }
    const frames = events.then((answer) => openAiChatDialect.renderStream(answer, request));
    await sendSse(response, call, frames, renderOpenAiErrorFrame);
  }
}
