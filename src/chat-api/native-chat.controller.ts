import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { collectChat } from '../core/chat/collect-chat.js';
import { parseNativeChat } from '../dialects/native-chat/parse-native-chat.js';
import { renderNativeResult } from '../dialects/native-chat/render-native-result.js';
import { renderNativeErrorFrame, renderNativeStream } from '../dialects/native-chat/render-native-stream.js';
import { ApiCacheHeaders } from '../http/api-cache-headers.decorator.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { callOf } from '../http/call-of.js';
import { sendJson } from '../http/json-reply.js';
import { schemaReference } from '../http/schema-reference.js';
import { sendSse } from '../http/sse-reply.js';
import { NativeChatService } from './native-chat.service.js';

/** Chat for people with `curl` and `fetch`. */
@ApiTags('Chat')
@Controller('v1/chat')
export class NativeChatController {
  constructor(private readonly chat: NativeChatService) {}

  @Post()
  @HttpCode(200)
  @Authenticated('chat')
  @ApiOperation({ summary: 'Answer a message or a conversation', operationId: 'chat' })
  @ApiCacheHeaders()
  @ApiBody({ schema: schemaReference('NativeChatRequest') })
  @ApiResponse({ status: 200, description: 'The answer.', schema: schemaReference('NativeChatAnswer') })
  @ApiErrors(...BODY_ERRORS, 404, ...PROVIDER_ERRORS)
  async answer(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const { events, facts } = await this.chat.answer(parseNativeChat(jsonBodyOf(request), false), call);
    const result = await collectChat(events);
    sendJson(response, renderNativeResult(result, facts()));
  }

  @Post('stream')
  @HttpCode(200)
  @Authenticated('chat')
  @ApiOperation({
    summary: 'Answer a message or a conversation as a stream of events',
    description:
      'The WebSocket at `/v1/chat/ws` takes the same bodies and answers with the same frames, several at once.',
    operationId: 'streamChat',
  })
  @ApiCacheHeaders()
  @ApiBody({ schema: schemaReference('NativeChatRequest') })
  @ApiResponse({
    status: 200,
    description:
      'Frames of type start, delta, reasoning, tool_call, tool_result, then done and `[DONE]`; or error at the end.',
    content: { 'text/event-stream': { schema: schemaReference('NativeChatFrame') } },
  })
  @ApiErrors(...BODY_ERRORS, 404, ...PROVIDER_ERRORS)
  async stream(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const frames = this.chat
      .answer(parseNativeChat(jsonBodyOf(request), true), call)
      .then(({ events, facts }) => renderNativeStream(events, facts));
    await sendSse(response, call, frames, renderNativeErrorFrame);
  }
}
